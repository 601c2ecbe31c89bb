"""GET /api/stories/{id}"""

from contracts.stories import StoryDetail, StoryRequest
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.stories.service import story_service


@api_function(cache_control="private, max-age=60")
def handler(request: ApiRequest) -> StoryDetail:
    return story_service().story(request.query(StoryRequest, id=request.path("id")))
