"""The search client: the only door to search that a page knows."""

from typing import Any, Protocol

from backend_clients.routed import Routed
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.router_parts import NO_SIDE
from backend_clients.search import parity
from backend_clients.search.remote import ENDPOINTS, RemoteSearch
from contracts.search import SearchKind, SearchRequest, SearchResult


class SearchSide(Protocol):
    """What an in-process side of search offers."""

    def semantic(self, request: SearchRequest) -> SearchResult: ...

    def keyword(self, request: SearchRequest) -> SearchResult: ...

    def hybrid(self, request: SearchRequest) -> SearchResult: ...

    def prepare(self) -> None: ...


class SearchClient:
    """Typed requests in, typed answers out, whichever side makes them. Every call may raise `BackendError`."""

    def __init__(self, router: Router, legacy: SearchSide | None, remote: RemoteSearch) -> None:
        self._router = router
        self._legacy = legacy
        self._operations = {
            kind: Operation(
                ENDPOINTS[kind],
                getattr(legacy or NO_SIDE, kind.value),
                getattr(remote, kind.value),
                parity.result_layers,
            )
            for kind in SearchKind
        }

    def prepare(self) -> None:
        """Build the in-process index now rather than on a visitor's request."""
        if self._legacy is not None:
            self._legacy.prepare()

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """Every operation with both its sides, for those who compare them."""
        return tuple(self._operations.values())

    def search(self, kind: SearchKind, request: SearchRequest, visitor: str) -> Routed[SearchResult]:
        return self._router.read(self._operations[kind], request, visitor)
