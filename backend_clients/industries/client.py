"""Typed client for industries that pages call."""

from typing import Any, Protocol

from pydantic import ValidationError

from backend_clients.errors import invalid_request
from backend_clients.industries import parity
from backend_clients.industries import remote as remote_api
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.routed import Routed
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.router_parts import NO_SIDE
from contracts.industries import (
    IndustriesRequest,
    IndustryCategories,
    IndustryDetail,
    IndustryList,
    IndustryRequest,
)


class IndustriesSide(Protocol):
    """The operations of an in-process side of industries."""

    def list_industries(self, request: IndustriesRequest, /) -> IndustryList: ...

    def get_industry(self, request: IndustryRequest) -> IndustryDetail: ...

    def list_categories(self, request: IndustryRequest) -> IndustryCategories: ...


class IndustriesClient:
    """Routes typed requests to either side. Every call may raise `BackendError`."""

    def __init__(self, router: Router, legacy: IndustriesSide | None, remote: RemoteIndustries) -> None:
        self._router = router
        side = legacy or NO_SIDE
        self._list = Operation(remote_api.LIST, side.list_industries, remote.list_industries, parity.list_layers)
        self._get = Operation(remote_api.GET, side.get_industry, remote.get_industry, parity.detail_layers)
        self._categories = Operation(
            remote_api.CATEGORIES,
            side.list_categories,
            remote.list_categories,
            parity.categories_layers,
        )

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """All operations with both sides, for comparisons."""
        return (self._list, self._get, self._categories)

    def list_industries(self, visitor: str) -> Routed[IndustryList]:
        return self._router.read(self._list, IndustriesRequest(), visitor)

    def get_industry(self, slug: str, visitor: str) -> Routed[IndustryDetail]:
        return self._router.read(self._get, _request(slug), visitor)

    def list_categories(self, slug: str, visitor: str) -> Routed[IndustryCategories]:
        return self._router.read(self._categories, _request(slug), visitor)


def _request(slug: str) -> IndustryRequest:
    try:
        return IndustryRequest(industry=slug)
    except ValidationError as error:
        raise invalid_request(error) from error
