"""The command line that asks the Lambda side what a record says was asked."""

import shlex
from collections.abc import Callable
from typing import Any, NoReturn

from pydantic import BaseModel
from requests import PreparedRequest

from backend_clients.ask.remote import RemoteAsk
from backend_clients.http.session import ApiSession, M, Query
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.migration.mismatches.replay import request_of
from backend_clients.search.remote import RemoteSearch
from backend_clients.stories.remote import RemoteStories


class _Prepared(Exception):
    def __init__(self, request: PreparedRequest) -> None:
        self.request = request


class _Unsent(ApiSession):
    """Prepares a call as ever, and raises it instead of sending it."""

    def read(
        self,
        model: type[M],  # noqa: ARG002
        method: str,
        path: str,
        *,
        query: Query = (),
        body: BaseModel | None = None,
        shadow: bool = False,  # noqa: ARG002
    ) -> NoReturn:
        raise _Prepared(self._request(method, path, query, body).prepare())


def curl_line(domain: str, operation: str, stored: dict[str, Any], api_url: str) -> str:
    """A line for a shell, marked as a shadow call; the key is left to the shell's variable `API_KEY`.

    Raises
    ------
    backend_clients.migration.mismatches.replay.NotReplayable
    backend_clients.errors.BackendError
        The site itself refuses the request, so that nothing would be sent.
    """
    request = request_of(domain, operation, stored)
    with _Unsent(api_url, "", connect_timeout=1.0, read_timeout=1.0) as session:
        try:
            _call(session, domain, operation)(request, shadow=True)
        except _Prepared as prepared:
            return _line(prepared.request)
    raise AssertionError("a call was answered without being sent")


def _call(session: ApiSession, domain: str, operation: str) -> Callable[..., Any]:
    if domain == "search":
        call: Callable[..., Any] = getattr(RemoteSearch(session), operation)
        return call
    stories, ask, industries = RemoteStories(session), RemoteAsk(session), RemoteIndustries(session)
    calls: dict[tuple[str, str], Callable[..., Any]] = {
        ("stories", "list"): stories.list_stories,
        ("stories", "get"): stories.get_story,
        ("stories", "batch"): stories.get_stories,
        ("stories", "related"): stories.related_stories,
        ("ask", "generate"): ask.generate,
        ("ask", "rerank"): ask.rerank,
        ("ask", "history"): ask.history,
        ("industries", "list"): industries.list_industries,
        ("industries", "get"): industries.get_industry,
        ("industries", "categories"): industries.list_categories,
    }
    return calls[domain, operation]


def _line(request: PreparedRequest) -> str:
    parts = ["curl", "-sS", "-X", shlex.quote(request.method or "GET"), shlex.quote(request.url or "")]
    parts += ["-H", '"X-Api-Key: $API_KEY"', "-H", shlex.quote("X-Shadow: 1")]
    if request.body:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        parts += ["-H", shlex.quote("Content-Type: application/json"), "--data-raw", shlex.quote(body)]
    return " ".join(parts)
