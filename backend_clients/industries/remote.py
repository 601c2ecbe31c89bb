"""Industries served by Lambda functions, over HTTP."""

from urllib.parse import quote

from backend_clients.errors import NotFound
from backend_clients.http.session import ApiResponse, ApiSession
from contracts.industries import (
    IndustriesRequest,
    IndustryCategories,
    IndustryDetail,
    IndustryList,
    IndustryRequest,
)


class RemoteIndustries:
    """The industries API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    def list_industries(self, _request: IndustriesRequest, *, shadow: bool = False) -> ApiResponse[IndustryList]:
        return self._session.read(IndustryList, "GET", "/api/industries", shadow=shadow)

    def get_industry(self, request: IndustryRequest, *, shadow: bool = False) -> ApiResponse[IndustryDetail]:
        return self._session.read(IndustryDetail, "GET", _path(request), shadow=shadow)

    def list_categories(self, request: IndustryRequest, *, shadow: bool = False) -> ApiResponse[IndustryCategories]:
        return self._session.read(IndustryCategories, "GET", f"{_path(request)}/categories", shadow=shadow)


def _path(request: IndustryRequest) -> str:
    if request.industry in (".", ".."):  # no slug holds a dot, and a URL would lose it on the way
        raise NotFound("there is no industry with this slug")
    return f"/api/industries/{quote(request.industry, safe='')}"
