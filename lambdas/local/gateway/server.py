"""The API gateway: one port for every stack's routes."""

import asyncio
import hmac
import ipaddress
import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from lambdas.local.callers import is_foreign_page, is_own_host
from lambdas.local.gateway.admin import Admin
from lambdas.local.gateway.connection import MAX_HEAD_BYTES, TOO_LONG, GatewayServer, head_bytes, head_problem
from lambdas.local.gateway.proxy_events import HttpRequest, MalformedResponse, http_response, proxy_event
from lambdas.local.gateway.responses import (
    BAD_BODY,
    BAD_KEY,
    FAILED,
    FOREIGN_HOST,
    NO_ROUTE,
    THROTTLED,
    TIMED_OUT,
    TOO_LARGE,
    UNSIGNED,
    GatewayError,
    error_response,
)
from lambdas.local.gateway.routes import RouteTable
from lambdas.local.gateway.signatures import is_signed
from lambdas.local.runtime.api import MAX_PAYLOAD_BYTES
from lambdas.local.runtime.invocation import Failure, Outcome, Throttled
from lambdas.local.runtime.pool import FunctionPool
from lambdas.local.stack.resources import CREDENTIALS
from lambdas.local.stack.triggers import Route

MAX_BODY_BYTES = 10 * 1024 * 1024
INTEGRATION_SECONDS = 29.0  # API Gateway's time-out for a function
BODY_SECONDS = 29.0
_UNENCODED = frozenset("|{}")  # API Gateway refuses them in a query string

log = logging.getLogger(__name__)


class _Refused(Exception):
    """API Gateway turns a request away."""

    def __init__(self, error: GatewayError) -> None:
        self.error = error
        super().__init__(error.type)


class Gateway:
    """Answers requests by invoking functions, or with API Gateway's own errors."""

    def __init__(
        self,
        routes: RouteTable,
        pools: Mapping[str, FunctionPool],
        admin: Admin,
        host: str = "localhost",
    ) -> None:
        self._host = host
        self._routes = routes
        self._pools = pools
        self._admin = admin

    def server(self) -> web.Server:
        return GatewayServer(self.handle, max_body_bytes=MAX_BODY_BYTES)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if (refusal := self._refusal(request, query)) is not None:
            return refusal
        if path.startswith("/-/"):
            return await self._administer(request, path)
        found = self._routes.find(request.method, path)
        if found is None:
            return error_response(NO_ROUTE, {})
        route, parameters = found
        try:
            if route.key_required and not _same(request.headers.get("x-api-key", ""), route.api.key):
                raise _Refused(BAD_KEY)
            body = await _read_body(request)
            received = HttpRequest(request.method, path, query, request.headers, body, request.remote or "")
            if route.iam and not is_signed(received, CREDENTIALS):
                raise _Refused(UNSIGNED)
        except _Refused as refused:
            return error_response(refused.error, route.api.gateway_responses)
        return await self._call(route, proxy_event(received, route, parameters), request.headers.get("Accept", ""))

    def _refusal(self, request: web.BaseRequest, query: str) -> web.Response | None:
        """The answer to a request that API Gateway turns away before it looks for a route."""
        if head_bytes(request) > MAX_HEAD_BYTES:
            return head_problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_LONG)
        if not is_own_host(request.headers.get("Host", ""), self._host):
            return error_response(FOREIGN_HOST, {})
        if not _UNENCODED.isdisjoint(query):
            return head_problem(HTTPStatus.BAD_REQUEST, "The query string has | { or } that is not percent-encoded.")
        return None

    async def _call(self, route: Route, event: dict[str, Any], accept: str) -> web.Response:
        shapes = route.api.gateway_responses
        payload = json.dumps(event).encode()
        if len(payload) > MAX_PAYLOAD_BYTES:
            return error_response(TOO_LARGE, shapes)
        try:
            async with asyncio.timeout(INTEGRATION_SECONDS):
                outcome = await self._pools[route.function].invoke(payload)
        except Throttled:
            return error_response(THROTTLED, shapes)
        except TimeoutError:
            return error_response(TIMED_OUT, shapes)
        response = _answer(route, outcome, accept)
        if outcome.cold:
            response.headers["X-Cold-Start"] = "1"
        return response

    async def _administer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        # Reject pages of other origins, which could reach these endpoints through the developer's browser.
        if not _is_loopback(request.remote) or is_foreign_page(request.headers):
            return error_response(BAD_KEY, {})
        return await self._admin.handle(request, path)


def _answer(route: Route, outcome: Outcome, accept: str) -> web.Response:
    if outcome.failure is Failure.TIMEOUT:
        return error_response(TIMED_OUT, route.api.gateway_responses)
    if outcome.failure is None:
        try:
            response = http_response(outcome.payload, accept, route.api.binary_types)
            return web.Response(status=response.status, headers=response.headers, body=response.body)
        except MalformedResponse as problem:
            log.error("%s: malformed proxy response: %s", route.function, problem)
    return error_response(FAILED, route.api.gateway_responses)


async def _read_body(request: web.BaseRequest) -> bytes:
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _Refused(TOO_LARGE)
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except HTTPRequestEntityTooLarge:
        raise _Refused(TOO_LARGE) from None
    except (ConnectionError, TimeoutError, web.RequestPayloadError):
        raise _Refused(BAD_BODY) from None


def _same(sent: str, key: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), key.encode())


def _is_loopback(address: str | None) -> bool:
    return address is not None and ipaddress.ip_address(address).is_loopback
