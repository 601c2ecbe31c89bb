"""POST /api/ask/feedback"""

from contracts.ask import FeedbackKept, FeedbackRequest
from lambdas.ask.conversations.service import conversation_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.request import leaving_traces


@api_function(methods="POST")
def handler(request: ApiRequest) -> FeedbackKept:
    return conversation_service().judge(leaving_traces(request).body(FeedbackRequest))
