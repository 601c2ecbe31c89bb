"""One request of every read operation, made of a story: what either side answers before its first visitor comes."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

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


class _InProcessCall(NamedTuple):
    name: str
    answer: Callable[[], object]


_LOGGER: Final = logging.getLogger(__name__)
_SESSION: Final = "first-request-of-a-start"
_LIST_CHARS: Final = 100
_DESCRIPTION_WORDS: Final = 90
_BUDGET_SECONDS: Final = 10.0  # how long a start may wait for answers, which are slow with thousands of stories


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


def answer_in_process(
    stories: Sequence[Story],
    operations: Callable[[str], Iterable[Operation[Any, Any]]],
    within: float = _BUDGET_SECONDS,
) -> None:
    """Have the in-process sides answer once, so that what they build at first use is built. No call is recorded.

    Returns after `within` seconds at the latest: the request under way then ends in its thread, and no other follows.
    """
    left = deque(_in_process_calls(stories, operations))
    is_over = threading.Event()
    worker = threading.Thread(target=_answer, args=(left, is_over), name="first-requests", daemon=True)
    worker.start()
    worker.join(within)
    is_over.set()
    if unanswered := [call.name for call in tuple(left)]:
        _LOGGER.warning("not answered within %.0f s of the start: %s", within, ", ".join(unanswered))


def example_story(stories: Sequence[Story]) -> Story:
    """A story to make requests of, with an industry if there is one."""
    return next((story for story in stories if story.industry), stories[0])


def _in_process_calls(
    stories: Sequence[Story], operations: Callable[[str], Iterable[Operation[Any, Any]]]
) -> Iterator[_InProcessCall]:
    for domain, name, request in first_requests(example_story(stories)) if stories else ():
        legacy = {operation.name: operation.legacy for operation in operations(domain)}.get(name)
        if legacy is not None:
            yield _InProcessCall(f"{domain}/{name}", partial(legacy, request))


def _answer(left: deque[_InProcessCall], is_over: threading.Event) -> None:
    """Remove each call from `left` once it is answered."""
    while left and not is_over.is_set():
        try:
            left[0].answer()
        except BackendError as error:
            _LOGGER.warning("the first request of %s failed: %s", left[0].name, error)
        left.popleft()


def _words(story: Story) -> str:
    """The story's title as a query."""
    printable = "".join(char if char.isprintable() else " " for char in story.title).strip()
    return printable[:MAX_QUERY].strip() or "story"
