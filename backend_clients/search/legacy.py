"""Search in-process: the rules as plain loops over the corpus in memory."""

from collections.abc import Callable
from functools import partial

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder
from backend_clients.corpus.filters import facets_of, matches
from backend_clients.corpus.question_guard import QuestionGuard
from backend_clients.corpus.summaries import card_of
from backend_clients.search.vector_index import VectorIndex
from contracts.rules.tokens import token_set, tokens
from contracts.search import (
    CANDIDATES,
    KEPT_WHEN_SUPPRESSED,
    KEYWORD_WEIGHT,
    MIN_COSINE,
    SEMANTIC_WEIGHT,
    GuardDecision,
    SearchHit,
    SearchRequest,
    SearchResult,
)
from contracts.stories import FACET_FIELDS
from contracts.story import Story

_Scored = tuple[Story, float, float | None, float | None]


class LegacySearch:
    """The search rules over a corpus in memory. It knows the classic ranker alone and answers with it."""

    def __init__(
        self, corpus: Corpus, embedder: Embedder, index: VectorIndex, gate: QuestionGuard, code_version: str
    ) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._index = index
        self._gate = gate
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}
        self._words = {story.id: _words(story) for story in corpus.stories}

    def semantic(self, request: SearchRequest) -> SearchResult:
        return self._search(request, partial(self._by_vector, mixed=False))

    def keyword(self, request: SearchRequest) -> SearchResult:
        return self._search(request, self._by_keyword)

    def hybrid(self, request: SearchRequest) -> SearchResult:
        return self._search(request, partial(self._by_vector, mixed=True))

    def _search(self, request: SearchRequest, candidates: Callable[[str], tuple[list[_Scored], bool]]) -> SearchResult:
        gate = GuardDecision() if request.from_suggestion else self._gate.before_search(request.query)
        if not gate.passed:
            return self._refused(gate, suppressed=False)
        scored, suppressed = candidates(request.query)
        scored.sort(key=lambda item: (-item[1], item[0].id))
        nearest = scored[0][0] if scored else None
        closest = max((item[2] for item in scored if item[2] is not None), default=None)
        if not request.from_suggestion:
            gate = self._gate.after_search(request.query, nearest, closest, suppressed=suppressed)
        if not gate.passed:
            return self._refused(gate, suppressed=suppressed)
        found = [item for item in scored if matches(item[0], request.filters)]
        page = found[request.offset : request.offset + request.limit]
        return SearchResult(
            hits=tuple(
                SearchHit(card=card_of(story), score=score, semantic=semantic, keyword=keyword)
                for story, score, semantic, keyword in page
            ),
            total=len(found),
            facets=facets_of((item[0] for item in scored), request.filters, self._corpus.stories),
            suppressed=suppressed,
            gate=gate,
            without_filters=len(scored) if scored and not found else None,
            **self._stamp,
        )

    def _refused(self, gate: GuardDecision, *, suppressed: bool) -> SearchResult:
        facets = dict.fromkeys(FACET_FIELDS, ())
        return SearchResult(hits=(), total=0, facets=facets, suppressed=suppressed, gate=gate, **self._stamp)

    def _by_vector(self, query: str, *, mixed: bool) -> tuple[list[_Scored], bool]:
        """The best 100 by cosine, those of 0.15 or more kept, else the best three; `mixed` adds the keyword part."""
        vector = self._embedder.embed([query])[0]
        nearest = self._index.nearest(vector, CANDIDATES)
        kept = [item for item in nearest if item[1] >= MIN_COSINE]
        scored: list[_Scored] = []
        for story_id, cosine in kept or nearest[:KEPT_WHEN_SUPPRESSED]:
            keyword = self._keyword_score(query, story_id) if mixed else None
            score = cosine if keyword is None else SEMANTIC_WEIGHT * cosine + KEYWORD_WEIGHT * keyword
            scored.append((self._corpus.by_id[story_id], score, cosine, keyword))
        return scored, bool(nearest) and not kept

    def _by_keyword(self, query: str) -> tuple[list[_Scored], bool]:
        """Every story that shares a word with the query."""
        scored: list[_Scored] = []
        for story in self._corpus.stories:
            score = self._keyword_score(query, story.id)
            if score > 0:
                scored.append((story, score, None, score))
        return scored, False

    def _keyword_score(self, query: str, story_id: str) -> float:
        """`min(1, (|q∩h| + |q∩t|) / (2·|q|))`: q the query's tokens, h the story's, t those of its title and domain."""
        asked = set(tokens(query))
        if not asked:
            return 0.0
        words, heading = self._words[story_id]
        return min(1.0, (len(asked & words) + len(asked & heading)) / (2 * len(asked)))


def _words(story: Story) -> tuple[frozenset[str], frozenset[str]]:
    heading = (story.title, story.domain)
    other = (story.client, story.role, *story.tags, story.curated_summary[:400], *story.process, *story.performance)
    return token_set((*heading, *other)), token_set(heading)
