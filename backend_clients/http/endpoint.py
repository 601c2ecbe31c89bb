"""One HTTP endpoint of a domain's API, with its typed request and response."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import quote

import requests
from pydantic import BaseModel

from backend_clients.errors import NotFound
from backend_clients.http.session import ApiResponse, ApiSession, Query, build_request

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)

PATH_FIELD: Final = re.compile(r"{(\w+)}")


def _no_query(_request: BaseModel) -> Query:
    return ()


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Q, A]):
    """The endpoint of one read operation.

    `path` names fields of the request, as in "/api/stories/{id}". A POST sends the request as its body, any other
    method in path and query.
    """

    domain: str
    name: str
    request_type: type[Q]
    response_type: type[A]
    method: str
    path: str
    query: Callable[[Q], Query] = _no_query

    def call(self, session: ApiSession, request: Q, *, shadow: bool = False) -> ApiResponse[A]:
        """Send the request; raises `BackendError`."""
        return session.read(
            self.response_type,
            self.method,
            self._path(request),
            query=self.query(request),
            body=self._body(request),
            shadow=shadow,
        )

    def prepare(self, request: Q, api_url: str) -> requests.PreparedRequest:
        """Build the HTTP request without the key; raises `BackendError` if the request is rejected before sending."""
        return build_request(
            self.method, api_url.rstrip("/") + self._path(request), self.query(request), self._body(request)
        ).prepare()

    def _path(self, request: Q) -> str:
        return PATH_FIELD.sub(lambda field: _segment(str(getattr(request, field[1]))), self.path)

    def _body(self, request: Q) -> Q | None:
        return request if self.method == "POST" else None


def _segment(value: str) -> str:
    """A value as a segment of a path, percent-encoded."""
    if value in (".", ".."):  # no corpus may hold such a name, and a URL would lose it on the way
        raise NotFound(f"there is nothing by the name {value}")
    return quote(value, safe="")
