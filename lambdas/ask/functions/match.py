"""POST /api/ask/match"""

from contracts.role_match import MatchRequest, RoleMatch
from lambdas.ask.role_match_service import role_match_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.service_client import CallContext


@api_function(methods="POST")
def handler(request: ApiRequest) -> RoleMatch:
    return role_match_service().match(request.body(MatchRequest), CallContext(request.request_id, request.shadow))
