"""Search in-process: the rules as plain loops over the corpus in memory."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder
from backend_clients.corpus.filters import StoryFilter, select
from backend_clients.corpus.question_guard import QuestionGuard
from backend_clients.corpus.summaries import card_of
from backend_clients.errors import Unavailable
from backend_clients.search.ranking import Ranking, Scored
from backend_clients.search.vector_index import VectorIndex
from contracts.rules.questions.themes import themed_query
from contracts.search import GuardDecision, SearchHit, SearchRequest, SearchResult
from contracts.stories import FACET_FIELDS

_log = logging.getLogger(__name__)


class _Found(NamedTuple):
    scored: list[Scored]
    suppressed: bool = False
    degraded: Literal["keyword"] | None = None


class LegacySearch:
    """The search rules over a corpus in memory."""

    def __init__(
        self, corpus: Corpus, embedder: Embedder, index: VectorIndex, gate: QuestionGuard, code_version: str
    ) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._gate = gate
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}
        self._ranking = Ranking(corpus, index)

    def prepare(self) -> None:
        """Build the index now rather than on the first request."""
        try:
            self._ranking.prepare()
            self._embedder.embed(["ready"])
        except Unavailable as error:
            _log.warning("keyword search answers until the stories are embedded: %s", error)

    def semantic(self, request: SearchRequest) -> SearchResult:
        return self._search(request, partial(self._by_meaning, mixed=False))

    def keyword(self, request: SearchRequest) -> SearchResult:
        return self._search(request, self._by_words)

    def hybrid(self, request: SearchRequest) -> SearchResult:
        return self._search(request, partial(self._by_meaning, mixed=True))

    def _search(self, request: SearchRequest, find: Callable[[str], _Found]) -> SearchResult:
        gate = self._gate.before_search(request.query, suggested=request.from_suggestion)
        if not gate.passed:
            return self._refused(gate, suppressed=False)
        scored, suppressed, degraded = find(request.query)
        scored.sort(key=lambda item: (-item.score, item.story.id))
        nearest = scored[0].story if scored else None
        closest = max((item.semantic for item in scored if item.semantic is not None), default=None)
        if not self._gate.trusts(request.query, suggested=request.from_suggestion):
            gate = self._gate.after_search(request.query, nearest, closest, suppressed=suppressed)
        if not gate.passed:
            return self._refused(gate, suppressed=suppressed, degraded=degraded)
        candidates = (self._corpus.traits[item.story.id] for item in scored)
        stories, facets = select(candidates, StoryFilter(request.filters), self._corpus.spellings)
        matching = {story.id for story in stories}
        found = [item for item in scored if item.story.id in matching]
        page = found[request.offset : request.offset + request.limit]
        return SearchResult(
            hits=tuple(
                SearchHit(card=card_of(story), score=score, semantic=semantic, keyword=keyword, named=named)
                for story, score, named, semantic, keyword in page
            ),
            total=len(found),
            facets=facets,
            suppressed=suppressed,
            gate=gate,
            without_filters=len(scored) if scored and not found else None,
            degraded=degraded,
            **self._stamp,
        )

    def _refused(
        self, gate: GuardDecision, *, suppressed: bool, degraded: Literal["keyword"] | None = None
    ) -> SearchResult:
        _log.info("question declined: %s", gate.reason)
        facets = dict.fromkeys(FACET_FIELDS, ())
        return SearchResult(
            hits=(), total=0, facets=facets, suppressed=suppressed, gate=gate, degraded=degraded, **self._stamp
        )

    def _by_meaning(self, query: str, *, mixed: bool) -> _Found:
        """Where no embedding can be had, keyword search answers."""
        try:
            vector = self._embedder.embed([themed_query(query)])[0]
            scored, suppressed = self._ranking.vector_ranking(query, vector, mixed=mixed)
        except Unavailable as error:
            _log.warning("keyword search answers: %s", error)
            return _Found(self._ranking.keyword_ranking(query), degraded="keyword")
        return _Found(scored, suppressed)

    def _by_words(self, query: str) -> _Found:
        return _Found(self._ranking.keyword_ranking(query))
