"""One request of every read operation, made of a story: what either side answers before its first visitor comes."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.domains import Domain
from backend_clients.errors import BackendError
from backend_clients.routing.read_router import Operation
from contracts.ask import AskRequest, RerankRequest, ScoredId
from contracts.conversations import HistoryRequest
from contracts.industries import IndustriesRequest, IndustryRequest, industry_slug
from contracts.role_match import MatchRequest
from contracts.search import MAX_QUERY, SearchKind, SearchRequest
from contracts.stories import RelatedRequest, StoryBatchRequest, StoryListRequest, StoryRequest
from contracts.story import Story

FirstRequest = tuple[Domain, str, BaseModel]

_LOGGER: Final = logging.getLogger(__name__)
_SESSION: Final = "first-request-of-a-start"
_LIST_CHARS: Final = 100
_DESCRIPTION_WORDS: Final = 90


def first_requests(story: Story) -> Iterator[FirstRequest]:
    """Domain, operation and request; a story without an industry asks for none."""
    words = _words(story)
    yield Domain.STORIES, "list", StoryListRequest(q=words[:_LIST_CHARS].strip(), include_narratives=True)
    yield Domain.STORIES, "get", StoryRequest(id=story.id)
    yield Domain.STORIES, "batch", StoryBatchRequest(ids=(story.id,))
    yield Domain.STORIES, "related", RelatedRequest(id=story.id)
    for kind in SearchKind:
        yield Domain.SEARCH, kind.value, SearchRequest(query=words, from_suggestion=True)
    yield Domain.INDUSTRIES, "list", IndustriesRequest()
    if story.industry:
        for operation in ("get", "categories"):
            yield Domain.INDUSTRIES, operation, IndustryRequest(industry=industry_slug(story.industry))
    question = AskRequest(question=words, session_id=_SESSION, turn_id=_SESSION, from_suggestion=True)
    yield Domain.ASK, "generate", question
    yield Domain.ASK, "rerank", RerankRequest(question=words, candidates=(ScoredId(id=story.id, score=0.5),))
    description = " ".join((f"Experience with {words}. " * 30).split()[:_DESCRIPTION_WORDS])
    yield Domain.ASK, "match", MatchRequest(description=description)
    yield Domain.ASK, "history", HistoryRequest(session_id=_SESSION)


def answer_in_process(stories: Sequence[Story], operations: Callable[[str], Iterable[Operation[Any, Any]]]) -> None:
    """Have the in-process sides answer once, so that what they build at first use is built. No call is recorded."""
    for domain, name, request in first_requests(example_story(stories)) if stories else ():
        legacy = {operation.name: operation.legacy for operation in operations(domain)}.get(name)
        if legacy is None:
            continue
        try:
            legacy(request)
        except BackendError as error:
            _LOGGER.warning("the first request of %s/%s failed: %s", domain, name, error)


def example_story(stories: Sequence[Story]) -> Story:
    """A story to make requests of, with an industry if there is one."""
    return next((story for story in stories if story.industry), stories[0])


def _words(story: Story) -> str:
    """The story's title as a query."""
    printable = "".join(char if char.isprintable() else " " for char in story.title).strip()
    return printable[:MAX_QUERY].strip() or "story"
