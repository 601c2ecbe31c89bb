"""The search domain over HTTP."""

from functools import cache
from typing import Final

from pydantic import ValidationError

from contracts.search import SearchRequest, SearchResult
from lambdas.ask.settings import search_api_settings
from lambdas.common.http.service_client import CallContext, ServiceClient
from lambdas.common.observability import logger

READ_SECONDS: Final = 5.0
_PATH: Final = "/api/search/hybrid"


class SearchApi:
    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def hybrid(self, request: SearchRequest, caller: CallContext) -> SearchResult:
        """What the search finds.

        Raises
        ------
        DependencyDown, Throttled
        """
        reply = self._service.post(_PATH, request.model_dump_json().encode(), caller)
        if not reply.ok:
            logger.error("the search API refused a call", extra={"status": reply.status})
            raise self._service.unavailable()
        try:
            return SearchResult.model_validate_json(reply.body)
        except ValidationError as error:
            raise self._service.unavailable() from error


@cache
def search_api() -> SearchApi:
    """The search domain as this process reaches it."""
    settings = search_api_settings()
    return SearchApi(ServiceClient("search", settings.search_base_url, settings.search_api_key, READ_SECONDS))
