"""Search served by Lambda functions, over HTTP."""

from backend_clients.http.session import ApiResponse, ApiSession
from contracts.search import SearchKind, SearchRequest, SearchResult


class RemoteSearch:
    """The search API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def semantic(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return self._search(SearchKind.SEMANTIC, request, shadow)

    def keyword(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return self._search(SearchKind.KEYWORD, request, shadow)

    def hybrid(self, request: SearchRequest, *, shadow: bool = False) -> ApiResponse[SearchResult]:
        return self._search(SearchKind.HYBRID, request, shadow)

    def _search(self, kind: SearchKind, request: SearchRequest, shadow: bool) -> ApiResponse[SearchResult]:
        return self._session.read(SearchResult, "POST", f"/api/search/{kind.value}", body=request, shadow=shadow)
