"""POST /api/ask/rerank"""

from contracts.ask import Reranked, RerankRequest
from lambdas.ask.reranking import rerank_service
from lambdas.common.api import ApiRequest, api_function
from lambdas.common.http_calls import OnBehalf


@api_function(methods="POST")
def handler(request: ApiRequest) -> Reranked:
    return rerank_service().rerank(request.body(RerankRequest), OnBehalf(request.request_id, request.shadow))
