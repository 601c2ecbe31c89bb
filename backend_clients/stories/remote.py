"""HTTP client of the stories Lambda functions."""

from typing import Final

from backend_clients.domains import Domain
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse, ApiSession, Query
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


def _query(request: StoryListRequest) -> Query:
    """Query parameters of the non-default fields; a parameter is repeated for each of its values."""
    pairs: list[tuple[str, str]] = []
    for name, value in request.model_dump(mode="json", exclude_defaults=True).items():
        for item in value if isinstance(value, list) else [value]:
            pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return pairs


_STORIES: Final = Domain.STORIES.value
LIST: Final = Endpoint(_STORIES, "list", StoryListRequest, StoryList, "GET", "/api/stories", _query)
GET: Final = Endpoint(_STORIES, "get", StoryRequest, StoryDetail, "GET", "/api/stories/{id}")
BATCH: Final = Endpoint(
    _STORIES,
    "batch",
    StoryBatchRequest,
    StoryBatch,
    "GET",
    "/api/stories",
    lambda request: [("ids", story_id) for story_id in request.ids],
)
RELATED: Final = Endpoint(
    _STORIES,
    "related",
    RelatedRequest,
    RelatedStories,
    "GET",
    "/api/stories/{id}/related",
    lambda request: [("limit", str(request.limit))],
)
ENDPOINTS: Final = {endpoint.name: endpoint for endpoint in (LIST, GET, BATCH, RELATED)}


class RemoteStories:
    """The stories API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def list_stories(self, request: StoryListRequest, *, shadow: bool = False) -> ApiResponse[StoryList]:
        return LIST.call(self._session, request, shadow=shadow)

    def get_story(self, request: StoryRequest, *, shadow: bool = False) -> ApiResponse[StoryDetail]:
        return GET.call(self._session, request, shadow=shadow)

    def get_stories(self, request: StoryBatchRequest, *, shadow: bool = False) -> ApiResponse[StoryBatch]:
        return BATCH.call(self._session, request, shadow=shadow)

    def related_stories(self, request: RelatedRequest, *, shadow: bool = False) -> ApiResponse[RelatedStories]:
        return RELATED.call(self._session, request, shadow=shadow)
