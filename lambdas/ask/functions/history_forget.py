"""DELETE /api/ask/history"""

from contracts.ask import ForgetRequest, Forgotten
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.request import leaving_traces


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> Forgotten:
    return conversation_service().forget(leaving_traces(request).query(ForgetRequest))
