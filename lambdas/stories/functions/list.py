"""GET /api/stories: a page of cards, or with `ids` whole stories."""

from contracts.stories import StoryBatch, StoryBatchRequest, StoryListRequest
from lambdas.common.http.handler import ApiRequest, JsonText, api_function
from lambdas.stories.service import story_service


@api_function(cache_control="private, max-age=60")
def handler(request: ApiRequest) -> JsonText | StoryBatch:
    if request.has_query("ids"):
        return story_service().stories(request.query(StoryBatchRequest))
    return JsonText(story_service().list_stories(request.query(StoryListRequest)))
