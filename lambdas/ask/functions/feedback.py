"""POST /api/ask/feedback"""

from contracts.conversations import FeedbackAck, FeedbackRequest
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.request import require_not_shadow


@api_function(methods="POST")
def handler(request: ApiRequest) -> FeedbackAck:
    return conversation_service().record_feedback(require_not_shadow(request).body(FeedbackRequest))
