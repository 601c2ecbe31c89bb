"""Stories served by Lambda functions, over HTTP."""

from urllib.parse import quote

from backend_clients.errors import NotFound
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


class RemoteStories:
    """The stories API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def list_stories(self, request: StoryListRequest, *, shadow: bool = False) -> ApiResponse[StoryList]:
        return self._session.read(StoryList, "GET", "/api/stories", query=_query(request), shadow=shadow)

    def get_story(self, request: StoryRequest, *, shadow: bool = False) -> ApiResponse[StoryDetail]:
        return self._session.read(StoryDetail, "GET", _story_path(request.id), shadow=shadow)

    def get_stories(self, request: StoryBatchRequest, *, shadow: bool = False) -> ApiResponse[StoryBatch]:
        query = [("ids", story_id) for story_id in request.ids]
        return self._session.read(StoryBatch, "GET", "/api/stories", query=query, shadow=shadow)

    def related_stories(self, request: RelatedRequest, *, shadow: bool = False) -> ApiResponse[RelatedStories]:
        return self._session.read(
            RelatedStories,
            "GET",
            f"{_story_path(request.id)}/related",
            query=[("limit", str(request.limit))],
            shadow=shadow,
        )


def _story_path(story_id: str) -> str:
    if story_id in (".", ".."):  # no file may hold such an id, and a URL would lose it on the way
        raise NotFound("there is no story with this id")
    return f"/api/stories/{quote(story_id, safe='')}"


def _query(request: StoryListRequest) -> Query:
    """Query parameters of what differs from the defaults; a field with several values is repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in request.model_dump(mode="json", exclude_defaults=True).items():
        for item in value if isinstance(value, list) else [value]:
            pairs.append((name, str(item).lower() if isinstance(item, bool) else str(item)))
    return pairs
