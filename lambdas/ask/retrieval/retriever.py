"""Finds the stories that an answer may rest on: by search, or the one that the question is limited to."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.ask import MIN_SOURCE_EVIDENCE, RERANK_POOL, AskRequest, ScoredId, Source
from contracts.rules.closeness import percent_of
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.search import GuardDecision, SearchHit, SearchRequest, SearchResult
from contracts.story import Story
from lambdas.ask.retrieval.reranker import Words
from lambdas.ask.retrieval.search_client import SearchApi
from lambdas.ask.retrieval.stories_client import StoriesApi
from lambdas.common.http.problems import NotFound
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger


@dataclass(frozen=True)
class RetrievedStory:
    """A story, what the ranking looks at in it, the evidence for it, and the score that search gave it."""

    story: Story
    words: Words
    score: float
    search_score: float = 0.0

    @property
    def scored_id(self) -> ScoredId:
        return ScoredId(id=self.story.id, score=self.score)

    def as_source(self, number: int) -> Source:
        match = percent_of(self.score)
        return Source(number=number, id=self.story.id, title=self.story.title, client=self.story.client, match=match)


@dataclass(frozen=True)
class RetrievalResult:
    """What was retrieved, from which corpus.

    `gate` has passed where a locked story is answered from although the search would have refused. `exhausted` says
    that all stories found were cited before.
    """

    corpus_version: str
    stories: Sequence[RetrievedStory]
    gate: GuardDecision
    without_filters: int | None
    exhausted: bool = False
    too_far: bool = False


class Retrieval:
    """Search and stories together. Both may raise `DependencyDown` or `Throttled`."""

    def __init__(self, search: SearchApi, stories: StoriesApi) -> None:
        self._search = search
        self._stories = stories

    def find(self, request: AskRequest, resolved: ResolvedQuestion, caller: CallContext) -> RetrievalResult:
        """Stories for a question.

        Raises
        ------
        NotFound
            The story that the question is limited to does not exist.
        """
        search = SearchRequest(
            query=resolved.query, filters=request.filters, limit=RERANK_POOL, from_suggestion=request.from_suggestion
        )
        found = self._search.hybrid(search, caller)
        locked = self._one(request.story_id, found, caller)
        if request.story_id and locked is None:
            raise NotFound("there is no story with this id", corpus_version=found.corpus_version)
        if not found.gate.passed and (locked is None or found.gate.holds_for_a_story):
            return RetrievalResult(found.corpus_version, (), found.gate, None)
        only = locked or self._one(resolved.story_id, found, caller, resolved.story_match)
        close = [hit for hit in found.hits if hit.evidence >= MIN_SOURCE_EVIDENCE and not found.suppressed]
        stories = (
            [only]
            if only
            else self._hits([hit for hit in close if hit.card.id not in resolved.excluded], found, caller)
        )
        return RetrievalResult(
            found.corpus_version,
            stories,
            found.gate if found.gate.passed else GuardDecision(),
            found.without_filters,
            exhausted=bool(resolved.excluded and found.hits),
            too_far=bool(found.suppressed or found.hits),
        )

    def more(self, story_ids: Sequence[str], version: str, caller: CallContext) -> list[RetrievedStory]:
        """Stories that were counted and not found by search."""
        known = self._stories.stories(story_ids, version, caller) if story_ids else {}
        return [RetrievedStory(known[key].story, known[key].words, 0.0) for key in story_ids if key in known]

    def _one(
        self, story_id: str | None, found: SearchResult, caller: CallContext, match: int = 0
    ) -> RetrievedStory | None:
        """The one story that an answer may rest on, with its score or as well as it matched before."""
        known = self._stories.stories([story_id], found.corpus_version, caller).get(story_id) if story_id else None
        if known is None:
            return None
        scores = (hit.evidence for hit in found.hits if hit.card.id == story_id)
        return RetrievedStory(known.story, known.words, next(scores, match / 100))

    def _hits(self, hits: Sequence[SearchHit], found: SearchResult, caller: CallContext) -> list[RetrievedStory]:
        by_id = {hit.card.id: hit for hit in hits}
        known = self._stories.stories(by_id, found.corpus_version, caller)
        if len(known) < len(by_id):
            logger.warning("search found stories that are not there", extra={"missing": len(by_id) - len(known)})
            if not known:
                raise self._stories.unavailable()
        return [
            RetrievedStory(known[key].story, known[key].words, hit.evidence, hit.score)
            for key, hit in by_id.items()
            if key in known
        ]
