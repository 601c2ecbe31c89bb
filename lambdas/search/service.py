"""Service layer of the search domain: answers each kind of search."""

from dataclasses import replace
from functools import cache

from contracts.rules.questions.themes import themed_query
from contracts.search import CANDIDATES, GuardDecision, SearchKind, SearchRequest
from lambdas.common.http.problems import DependencyDown
from lambdas.common.models.embeddings import Embedder, embed_query
from lambdas.common.observability import count, logger
from lambdas.search.answer_cache import AnswerCache, answer_cache, answer_key
from lambdas.search.facet_filter import FilteredHits
from lambdas.search.providers import query_embedder
from lambdas.search.question_guard import guard_found, is_trusted, refused_before_search
from lambdas.search.ranking.scores import ScoredRows
from lambdas.search.response import DEGRADED, refusal_json, result_json
from lambdas.search.settings import search_settings
from lambdas.search.store import Corpus, SearchStore, search_store


class SearchService:
    """Answers stamped with corpus version and code version."""

    def __init__(
        self, store: SearchStore, embedder: Embedder, code_version: str, cache: AnswerCache | None = None
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._code_version = code_version
        self._cache = cache

    def search(self, kind: SearchKind, request: SearchRequest, *, shadow: bool = False) -> str:
        """A `SearchResult` as JSON. A shadow call neither reads the cache nor fills it.

        Raises
        ------
        DependencyDown
            No index is loaded and loading failed.
        """
        corpus = self._store.corpus()
        if self._cache is None or shadow:
            return self._answer(kind, request, corpus, shadow=shadow)
        key = answer_key(kind, request, corpus.index.fingerprint, self._code_version)
        return self._cache.answer(key, lambda: self._answer(kind, request, corpus, shadow=False), keep=_is_lasting)

    def _answer(self, kind: SearchKind, request: SearchRequest, corpus: Corpus, *, shadow: bool) -> str:
        index = corpus.index
        if refusal := refused_before_search(index, request.query, suggested=request.from_suggestion):
            _report_declined(refusal, shadow=shadow)
            return refusal_json(index, self._code_version, refusal, suppressed=False)
        found = self._found(kind, request.query, corpus)
        gate = GuardDecision()
        if not is_trusted(index, request.query, suggested=request.from_suggestion):
            gate = guard_found(index, request.query, found.best, found.closest, suppressed=found.suppressed)
        if not gate.passed:
            _report_declined(gate, shadow=shadow)
            return refusal_json(index, self._code_version, gate, suppressed=found.suppressed, degraded=found.degraded)
        narrowed = FilteredHits(index, found.rows, request.filters)
        page = slice(request.offset, request.offset + request.limit)
        return result_json(index, self._code_version, found, narrowed, page, gate)

    def _found(self, kind: SearchKind, query: str, corpus: Corpus) -> ScoredRows:
        """The matching stories; by keywords alone if the embedder fails."""
        if kind is SearchKind.KEYWORD:
            return corpus.ranking.keyword_ranking(query)
        try:
            vector = embed_query(themed_query(query), self._embedder, corpus.index.embedder, corpus.index.dimensions)
            nearest, _ = corpus.vectors.nearest(vector, CANDIDATES)
        except DependencyDown as error:
            count("DegradedSearches")
            logger.warning("keyword search answers", extra={"reason": error.detail})
            return replace(corpus.ranking.keyword_ranking(query), degraded=True)
        return corpus.ranking.vector_ranking(kind, nearest, query, vector)


def _report_declined(gate: GuardDecision, *, shadow: bool) -> None:
    """Log why a visitor's question was declined, without its text."""
    if not shadow:
        count("DeclinedQuestions")
        logger.info("question declined", extra={"reason": gate.reason})


def _is_lasting(answer: str) -> bool:
    """Whether an answer may be cached; a degraded one is not, because embeddings may be back soon."""
    return DEGRADED not in answer


@cache
def search_service() -> SearchService:
    """The service of this process."""
    settings = search_settings()
    return SearchService(search_store(), query_embedder(settings), settings.code_version, answer_cache(settings))
