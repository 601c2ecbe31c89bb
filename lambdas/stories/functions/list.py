"""GET /api/stories"""

from contracts.stories import StoryListRequest
from lambdas.common.http.handler import ApiRequest, JsonText, api_function
from lambdas.stories.service import story_service


@api_function(cache_control="private, max-age=60")
def handler(request: ApiRequest) -> JsonText:
    return JsonText(story_service().list_stories(request.query(StoryListRequest)))
