"""Client of the stories API: whole stories, cached per corpus and fetched in batches, and pages of cards."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final
from urllib.parse import urlencode

from pydantic import ValidationError

from contracts.stories import Sort, StoryBatch, StoryBatchRequest, StoryList, StoryListRequest
from lambdas.ask.retrieval.story_cache import CachedStory, StoryCache
from lambdas.ask.settings import stories_api_settings
from lambdas.common.http.problems import DependencyDown
from lambdas.common.http.service_client import CallContext, ServiceClient, ServiceResponse
from lambdas.common.observability import logger

READ_SECONDS: Final = 3.0
_PATH: Final = "/api/stories"


class StoriesApi:
    """Every method raises `DependencyDown` or `Throttled` when the stories API fails or breaks its contract."""

    def __init__(self, service: ServiceClient, cache: StoryCache) -> None:
        self._service = service
        self._cache = cache

    def stories(self, story_ids: Iterable[str], version: str, caller: CallContext) -> dict[str, CachedStory]:
        """The stories of these ids in a corpus; ids that no story has are left out."""
        found = {story_id: self._cache.find(version, story_id) for story_id in story_ids}
        absent = [story_id for story_id, cached in found.items() if cached is None]
        for served_version, story in self._fetch_all(absent, caller):
            found[story.id] = story
            if served_version == version and not caller.shadow:
                self._cache.keep(version, story)
        return {story_id: cached for story_id, cached in found.items() if cached is not None}

    def listing(self, caller: CallContext, *, limit: int = 1, offset: int = 0) -> StoryList:
        """A page of all cards, ordered by client, with the facets of the whole corpus."""
        return self.browse(
            StoryListRequest(include_narratives=True, sort=Sort.CLIENT, limit=limit, offset=offset), caller
        )

    def browse(self, request: StoryListRequest, caller: CallContext) -> StoryList:
        """A page of the stories that pass some filters, with their number and facets."""
        fields = request.model_dump(mode="json", exclude_unset=True)
        pairs = {name: str(value).lower() if isinstance(value, bool) else value for name, value in fields.items()}
        reply = self._service.get(f"{_PATH}?{urlencode(pairs, doseq=True)}", caller)
        if not reply.ok:
            raise self._unusable(reply)
        try:
            return StoryList.model_validate_json(reply.body)
        except ValidationError as error:
            raise self._service.unavailable() from error

    def unavailable(self) -> DependencyDown:
        """The error that says that stories are unavailable."""
        return self._service.unavailable()

    def _fetch_all(self, story_ids: Iterable[str], caller: CallContext) -> Iterator[tuple[str, CachedStory]]:
        """Each story with the corpus version it was served from; in one call unless the batch limits need more."""
        pending = deque(StoryBatchRequest.covering(story_ids))
        while pending:
            request = pending.popleft()
            batch = self._fetch(request, caller)
            for content in batch.stories:
                yield batch.corpus_version, CachedStory.of(content.story)
            pending.extend(StoryBatchRequest.covering(batch.unprocessed))

    def _fetch(self, request: StoryBatchRequest, caller: CallContext) -> StoryBatch:
        query = urlencode([("ids", story_id) for story_id in request.ids])
        reply = self._service.get(f"{_PATH}?{query}", caller)
        if not reply.ok:
            raise self._unusable(reply)
        try:
            batch = StoryBatch.model_validate_json(reply.body)
        except ValidationError as error:
            raise self._service.unavailable() from error
        answered = {*(content.story.id for content in batch.stories), *batch.missing}
        if not answered or {*answered, *batch.unprocessed} != set(request.ids):
            raise self._service.unavailable()
        return batch

    def _unusable(self, reply: ServiceResponse) -> Exception:
        logger.error("the stories API rejected a call", extra={"status": reply.status})
        return self._service.unavailable()


@cache
def stories_api() -> StoriesApi:
    """The client of this process."""
    settings = stories_api_settings()
    service = ServiceClient("stories", settings.stories_base_url, settings.stories_api_key, READ_SECONDS)
    return StoriesApi(service, StoryCache())
