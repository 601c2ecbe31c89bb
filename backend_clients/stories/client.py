"""Typed client for stories that pages call."""

from collections.abc import Iterable
from typing import Any, Protocol

from pydantic import ValidationError

from backend_clients.errors import invalid_request
from backend_clients.routed import Routed
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.router_parts import NO_SIDE
from backend_clients.stories import parity
from backend_clients.stories import remote as remote_api
from backend_clients.stories.remote import RemoteStories
from contracts.stories import (
    RelatedRequest,
    RelatedStories,
    StoryBatch,
    StoryBatchRequest,
    StoryDetail,
    StoryList,
    StoryListRequest,
    StoryRequest,
)


class StoriesSide(Protocol):
    """The operations of an in-process side of stories."""

    def list_stories(self, request: StoryListRequest) -> StoryList: ...

    def get_story(self, request: StoryRequest) -> StoryDetail: ...

    def get_stories(self, request: StoryBatchRequest) -> StoryBatch: ...

    def related_stories(self, request: RelatedRequest) -> RelatedStories: ...


class StoriesClient:
    """Routes typed requests to either side. Every call may raise `BackendError`."""

    def __init__(self, router: Router, legacy: StoriesSide | None, remote: RemoteStories) -> None:
        self._router = router
        side = legacy or NO_SIDE
        self._list = Operation(remote_api.LIST, side.list_stories, remote.list_stories, parity.list_layers)
        self._get = Operation(remote_api.GET, side.get_story, remote.get_story, parity.detail_layers)
        self._batch = Operation(remote_api.BATCH, side.get_stories, remote.get_stories, parity.batch_layers)
        self._related = Operation(
            remote_api.RELATED,
            side.related_stories,
            remote.related_stories,
            parity.related_layers,
        )

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """All operations with both sides, for comparisons."""
        return (self._list, self._get, self._batch, self._related)

    def list_stories(self, request: StoryListRequest, visitor: str) -> Routed[StoryList]:
        return self._router.read(self._list, request, visitor)

    def get_story(self, story_id: str, visitor: str) -> Routed[StoryDetail]:
        try:
            request = StoryRequest(id=story_id)
        except ValidationError as error:
            raise invalid_request(error) from error
        return self._router.read(self._get, request, visitor)

    def get_stories(self, story_ids: Iterable[str], visitor: str) -> Routed[StoryBatch]:
        """Up to `MAX_BATCH` stories in one call."""
        try:
            request = StoryBatchRequest(ids=tuple(story_ids))
        except ValidationError as error:
            raise invalid_request(error) from error
        return self._router.read(self._batch, request, visitor)

    def related_stories(self, request: RelatedRequest, visitor: str) -> Routed[RelatedStories]:
        return self._router.read(self._related, request, visitor)
