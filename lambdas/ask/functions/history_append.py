"""POST /api/ask/history"""

from contracts.ask import Turn, TurnKept
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.request import leaving_traces


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> TurnKept:
    return conversation_service().append(leaving_traces(request).body(Turn))
