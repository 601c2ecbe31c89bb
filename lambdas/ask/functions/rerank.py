"""POST /api/ask/rerank"""

from contracts.ask import Reranked, RerankRequest
from lambdas.ask.rerank_service import rerank_service
from lambdas.common.http.handler import ApiRequest, api_function
from lambdas.common.http.service_client import CallContext


@api_function(methods="POST")
def handler(request: ApiRequest) -> Reranked:
    return rerank_service().rerank(request.body(RerankRequest), CallContext(request.request_id, request.shadow))
