"""POST /api/ask/generate"""

from contracts.ask import Answer, AskRequest
from lambdas.ask.service import answer_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.service_client import CallContext


@api_function(methods="POST")
def handler(request: ApiRequest) -> Answer:
    return answer_service().generate(request.body(AskRequest), CallContext(request.request_id, request.shadow))
