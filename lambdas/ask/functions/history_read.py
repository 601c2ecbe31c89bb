"""GET /api/ask/history"""

from contracts.conversations import History, HistoryRequest
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> History:
    return conversation_service().history(request.query(HistoryRequest))
