"""Finds the stories that an answer may rest on: by search, or the one that the question is limited to."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.ask import RERANK_POOL, AskRequest, ScoredId, Source
from contracts.search import GuardDecision, SearchRequest, SearchResult
from contracts.story import Story
from lambdas.ask.retrieval.reranker import Words
from lambdas.ask.retrieval.search_client import SearchApi
from lambdas.ask.retrieval.stories_client import StoriesApi
from lambdas.common.http.problems import NotFound
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger


@dataclass(frozen=True)
class RetrievedStory:
    """A story, what the ranking looks at in it, and its search score."""

    story: Story
    words: Words
    score: float

    @property
    def scored_id(self) -> ScoredId:
        return ScoredId(id=self.story.id, score=self.score)

    def as_source(self, number: int) -> Source:
        match = max(0, min(100, int(self.score * 100 + 0.5)))
        return Source(number=number, id=self.story.id, title=self.story.title, client=self.story.client, match=match)


@dataclass(frozen=True)
class RetrievalResult:
    """What was retrieved, from which corpus.

    `gate` has passed where a locked story is answered from although the search would have refused.
    """

    corpus_version: str
    stories: Sequence[RetrievedStory]
    gate: GuardDecision
    without_filters: int | None


class Retrieval:
    """Search and stories together. Both may raise `DependencyDown` or `Throttled`."""

    def __init__(self, search: SearchApi, stories: StoriesApi) -> None:
        self._search = search
        self._stories = stories

    def find(self, request: AskRequest, query: str, caller: CallContext) -> RetrievalResult:
        """Stories for a question.

        Raises
        ------
        NotFound
            The story that the question is limited to does not exist.
        """
        search = SearchRequest(
            query=query, filters=request.filters, limit=RERANK_POOL, from_suggestion=request.from_suggestion
        )
        found = self._search.hybrid(search, caller)
        locked = self._locked(request.story_id, found, caller)
        if not found.gate.passed and (locked is None or found.gate.holds_for_a_story):
            return RetrievalResult(found.corpus_version, (), found.gate, None)
        stories = self._hits(found, caller) if locked is None else [locked]
        return RetrievalResult(found.corpus_version, stories, GuardDecision(), found.without_filters)

    def _locked(self, story_id: str | None, found: SearchResult, caller: CallContext) -> RetrievedStory | None:
        if story_id is None:
            return None
        known = self._stories.stories([story_id], found.corpus_version, caller).get(story_id)
        if known is None:
            raise NotFound("there is no story with this id")
        scores = (hit.score for hit in found.hits if hit.card.id == story_id)
        return RetrievedStory(known.story, known.words, next(scores, 0.0))

    def _hits(self, found: SearchResult, caller: CallContext) -> list[RetrievedStory]:
        scores = {hit.card.id: hit.score for hit in found.hits}
        known = self._stories.stories(scores, found.corpus_version, caller)
        if len(known) < len(scores):
            logger.warning("search found stories that are not there", extra={"missing": len(scores) - len(known)})
            if not known:
                raise self._stories.down()
        return [RetrievedStory(known[key].story, known[key].words, scores[key]) for key in scores if key in known]
