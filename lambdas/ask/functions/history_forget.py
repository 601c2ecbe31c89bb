"""DELETE /api/ask/history"""

from contracts.conversations import DeleteResult, ForgetRequest
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.request import require_not_shadow


@api_function(methods="GET,POST,DELETE")
def handler(request: ApiRequest) -> DeleteResult:
    return conversation_service().forget(require_not_shadow(request).query(ForgetRequest))
