"""POST /api/search/hybrid"""

from contracts.search import SearchKind, SearchRequest
from lambdas.common.http.handler import ApiRequest, JsonText, api_function
from lambdas.search.service import search_service


@api_function(methods="POST")
def handler(request: ApiRequest) -> JsonText:
    body = request.body(SearchRequest)
    return JsonText(search_service().search(SearchKind.HYBRID, body, shadow=request.shadow))
