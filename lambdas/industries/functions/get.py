"""GET /api/industries/{industry}"""

from contracts.industries import IndustryRequest
from lambdas.common.http.handler import ApiRequest, JsonText, api_function
from lambdas.industries.service import industry_service


@api_function(cache_control="private, max-age=60")
def handler(request: ApiRequest) -> JsonText:
    return JsonText(industry_service().industry(request.query(IndustryRequest, industry=request.path("industry"))))
