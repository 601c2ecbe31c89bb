"""Search served by Lambda functions, over HTTP."""

from typing import Final

from backend_clients.domains import Domain
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse, ApiSession
from contracts.search import SearchKind, SearchRequest, SearchResult

ENDPOINTS: Final = {
    kind: Endpoint(Domain.SEARCH.value, kind.value, SearchRequest, SearchResult, "POST", f"/api/search/{kind.value}")
    for kind in SearchKind
}


class RemoteSearch:
    """The search API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def semantic(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return ENDPOINTS[SearchKind.SEMANTIC].call(self._session, request, shadow=shadow)

    def keyword(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return ENDPOINTS[SearchKind.KEYWORD].call(self._session, request, shadow=shadow)

    def hybrid(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return ENDPOINTS[SearchKind.HYBRID].call(self._session, request, shadow=shadow)
