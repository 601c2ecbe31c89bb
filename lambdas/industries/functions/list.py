"""GET /api/industries"""

from contracts.industries import IndustriesRequest
from lambdas.common.http.handler import ApiRequest, JsonText, api_function
from lambdas.industries.service import industry_service


@api_function(cache_control="private, max-age=60")
def handler(request: ApiRequest) -> JsonText:
    return JsonText(industry_service().list_industries(request.query(IndustriesRequest)))
