"""HTTP client of the industries Lambda functions."""

from typing import Final

from backend_clients.domains import Domain
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse, ApiSession
from contracts.industries import (
    IndustriesRequest,
    IndustryCategories,
    IndustryDetail,
    IndustryList,
    IndustryRequest,
)

_INDUSTRIES: Final = Domain.INDUSTRIES.value
LIST: Final = Endpoint(_INDUSTRIES, "list", IndustriesRequest, IndustryList, "GET", "/api/industries")
GET: Final = Endpoint(_INDUSTRIES, "get", IndustryRequest, IndustryDetail, "GET", "/api/industries/{industry}")
CATEGORIES: Final = Endpoint(
    _INDUSTRIES,
    "categories",
    IndustryRequest,
    IndustryCategories,
    "GET",
    "/api/industries/{industry}/categories",
)
ENDPOINTS: Final = {endpoint.name: endpoint for endpoint in (LIST, GET, CATEGORIES)}


class RemoteIndustries:
    """The industries API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def list_industries(self, request: IndustriesRequest, *, shadow: bool = False) -> ApiResponse[IndustryList]:
        return LIST.call(self._session, request, shadow=shadow)

    def get_industry(self, request: IndustryRequest, *, shadow: bool = False) -> ApiResponse[IndustryDetail]:
        return GET.call(self._session, request, shadow=shadow)

    def list_categories(self, request: IndustryRequest, *, shadow: bool = False) -> ApiResponse[IndustryCategories]:
        return CATEGORIES.call(self._session, request, shadow=shadow)
