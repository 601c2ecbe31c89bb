"""DELETE /api/ask/history"""

from contracts.ask import ForgetRequest, Forgotten
from lambdas.ask.conversation_service import conversation_service
from lambdas.ask.shadows import leaving_traces
from lambdas.common.api import ApiRequest, api_function


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> Forgotten:
    return conversation_service().forget(leaving_traces(request).query(ForgetRequest))
