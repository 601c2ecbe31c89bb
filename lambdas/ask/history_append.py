"""POST /api/ask/history"""

from contracts.ask import Turn, TurnKept
from lambdas.ask.conversation_service import conversation_service
from lambdas.ask.shadows import leaving_traces
from lambdas.common.api import ApiRequest, api_function


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> TurnKept:
    return conversation_service().append(leaving_traces(request).body(Turn))
