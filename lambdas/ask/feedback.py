"""POST /api/ask/feedback"""

from contracts.ask import FeedbackKept, FeedbackRequest
from lambdas.ask.conversation_service import conversation_service
from lambdas.ask.shadows import leaving_traces
from lambdas.common.api import ApiRequest, api_function


@api_function(methods="POST")
def handler(request: ApiRequest) -> FeedbackKept:
    return conversation_service().judge(leaving_traces(request).body(FeedbackRequest))
