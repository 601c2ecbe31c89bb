"""The stories domain over HTTP: whole stories, several at once and each read once a corpus, and what the corpus is."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError

from contracts.stories import StoryDetail, StoryList
from contracts.story import MAX_ID_LENGTH
from lambdas.ask.retrieval.reranker import Words
from lambdas.ask.retrieval.story_cache import CachedStory, StoryCache
from lambdas.ask.settings import stories_api_settings
from lambdas.common.http.problems import DependencyDown
from lambdas.common.http.service_client import CallContext, ServiceClient, ServiceResponse
from lambdas.common.observability import logger

READ_SECONDS: Final = 3.0
_PATH: Final = "/api/stories"
_THREADS: Final = 8
_NOBODYS: Final = (404, 422)  # 422: such an id can be no story's


class StoriesApi:
    """Every method raises `DependencyDown` or `Throttled` when the stories domain does not answer as it should."""

    def __init__(self, service: ServiceClient, shelf: StoryCache) -> None:
        self._service = service
        self._shelf = shelf
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stories")

    def stories(self, story_ids: Iterable[str], version: str, caller: CallContext) -> dict[str, CachedStory]:
        """The stories of these ids in a corpus; those that are not there are left out."""
        found = {story_id: self._shelf.find(version, story_id) for story_id in story_ids}
        missing = [story_id for story_id, known in found.items() if known is None]
        for story_id, fetched in zip(missing, self._fetch_all(missing, caller), strict=True):
            if fetched is None:
                continue
            detail, known = fetched
            found[story_id] = known
            if detail.corpus_version == version and not caller.shadow:
                self._shelf.keep(version, known)
        return {story_id: known for story_id, known in found.items() if known is not None}

    def listing(self, caller: CallContext, *, limit: int = 1, offset: int = 0) -> StoryList:
        """A page of all the stories' cards in the order of their clients, with the facets of the whole corpus."""
        query = f"include_narratives=true&sort=client&limit={limit}&offset={offset}"
        reply = self._service.get(f"{_PATH}?{query}", caller)
        if not reply.ok:
            raise self._unusable(reply)
        try:
            return StoryList.model_validate_json(reply.body)
        except ValidationError as error:
            raise self._service.down() from error

    def down(self) -> DependencyDown:
        """The error for stories that ought to be there and are not."""
        return self._service.down()

    def _fetch_all(self, story_ids: Sequence[str], caller: CallContext) -> list[tuple[StoryDetail, CachedStory] | None]:
        if len(story_ids) == 1:
            return [self._fetch(story_ids[0], caller)]
        return list(self._threads.map(lambda story_id: self._fetch(story_id, caller), story_ids))

    def _fetch(self, story_id: str, caller: CallContext) -> tuple[StoryDetail, CachedStory] | None:
        if not 0 < len(story_id) <= MAX_ID_LENGTH:
            return None
        reply = self._service.get(f"{_PATH}/{_quoted(story_id)}", caller)
        if reply.status in _NOBODYS:
            return None
        if not reply.ok:
            raise self._unusable(reply)
        try:
            detail = StoryDetail.model_validate_json(reply.body)
        except ValidationError as error:
            raise self._service.down() from error
        return detail, CachedStory(detail.story, Words.of(detail.story), len(reply.body))

    def _unusable(self, reply: ServiceResponse) -> Exception:
        logger.error("the stories API refused a call", extra={"status": reply.status})
        return self._service.down()


def _quoted(story_id: str) -> str:
    """One path segment; dots are encoded where they would mean a folder."""
    return quote(story_id, safe="").replace(".", "%2E") if story_id.strip(".") == "" else quote(story_id, safe="")


@cache
def stories_api() -> StoriesApi:
    """The stories domain as this process reaches it."""
    settings = stories_api_settings()
    service = ServiceClient("stories", settings.stories_base_url, settings.stories_api_key, READ_SECONDS)
    return StoriesApi(service, StoryCache())
