"""The search client: the only door to search that a page knows."""

from typing import Any, Protocol

from backend_clients.domains import Domain
from backend_clients.flags.client import Flags
from backend_clients.flags.definitions import SEARCH_RANKER
from backend_clients.routed import Origin, Routed
from backend_clients.routing.read_router import Operation, Router
from backend_clients.search import parity
from backend_clients.search.remote import ENDPOINTS, RemoteSearch
from backend_clients.stages import READS
from contracts.search import Ranker, SearchKind, SearchRequest, SearchResult


class SearchSide(Protocol):
    """What an in-process side of search offers."""

    def semantic(self, request: SearchRequest) -> SearchResult: ...

    def keyword(self, request: SearchRequest) -> SearchResult: ...

    def hybrid(self, request: SearchRequest) -> SearchResult: ...


class SearchClient:
    """Typed requests in, typed answers out, whichever side makes them. Every call may raise `BackendError`.

    `flags` says how a hybrid search is ranked whose request names no ranker; without it that is the contract's default.
    """

    def __init__(
        self, router: Router, legacy: SearchSide | None, remote: RemoteSearch, flags: Flags | None = None
    ) -> None:
        self._router = router
        self._flags = flags
        self._lambda_alone = legacy is None
        self._operations = {
            kind: Operation(
                ENDPOINTS[kind],
                getattr(legacy, kind.value) if legacy else None,
                getattr(remote, kind.value),
                parity.result_layers,
                parity.comparable,
            )
            for kind in SearchKind
        }

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """Every operation with both its sides, for those who compare them."""
        return tuple(self._operations.values())

    def search(self, kind: SearchKind, request: SearchRequest, visitor: str) -> Routed[SearchResult]:
        if kind is SearchKind.HYBRID and "ranker" not in request.model_fields_set:
            request = request.model_copy(update={"ranker": self._ranker(visitor)})
        return self._router.read(self._operations[kind], request, visitor)

    def _ranker(self, visitor: str) -> Ranker:
        """The flag's value where Lambda answers; elsewhere classic, which is all that legacy knows and is compared."""
        if self._flags is None or not self._lambda_answers(self._flags, visitor):
            return Ranker.CLASSIC
        return Ranker(self._flags.value(SEARCH_RANKER, visitor))

    def _lambda_answers(self, flags: Flags, visitor: str) -> bool:
        return self._lambda_alone or READS[flags.stage(Domain.SEARCH.value, visitor).stage].answers is Origin.LAMBDA
