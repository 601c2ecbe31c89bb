"""The API gateway: one port for every stack's routes."""

import asyncio
import ipaddress
import json
import logging
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from lambdas.local.gateway.admin import Admin
from lambdas.local.gateway.proxy_events import HttpRequest, MalformedResponse, http_response, proxy_event
from lambdas.local.gateway.responses import (
    BAD_BODY,
    BAD_KEY,
    FAILED,
    NO_ROUTE,
    THROTTLED,
    TIMED_OUT,
    TOO_LARGE,
    error_response,
)
from lambdas.local.gateway.routes import RouteTable
from lambdas.local.runtime.invocation import Failure, Outcome, Throttled
from lambdas.local.runtime.pool import FunctionPool
from lambdas.local.stack.triggers import Route

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_LINE_BYTES = 10_240  # API Gateway's limit, on request line and headers together; here on each
INTEGRATION_SECONDS = 29.0  # API Gateway's time-out for a function
BODY_SECONDS = 29.0

log = logging.getLogger(__name__)
_server_log = logging.getLogger("aiohttp.server")


class Gateway:
    """Answers requests by invoking functions, or with API Gateway's own errors."""

    def __init__(self, routes: RouteTable, pools: Mapping[str, FunctionPool], api_key: str, admin: Admin) -> None:
        self._routes = routes
        self._pools = pools
        self._api_key = api_key
        self._admin = admin

    def server(self) -> web.Server:
        """A server without aiohttp's router, which decodes the path and takes time on every request."""
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES)

        _server_log.addFilter(_without_callers_tracebacks)
        return web.Server(
            self.handle,
            request_factory=request,
            access_log=None,
            auto_decompress=False,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        if path.startswith("/-/"):
            return await self._administer(request, path)
        found = self._routes.find(request.method, path)
        if found is None:
            return error_response(NO_ROUTE, {})
        route, parameters = found
        shapes = route.api.gateway_responses
        if route.key_required and request.headers.get("x-api-key") != self._api_key:
            return error_response(BAD_KEY, shapes)
        try:
            body = await _read_body(request)
        except HTTPRequestEntityTooLarge:
            return error_response(TOO_LARGE, shapes)
        except (ConnectionError, TimeoutError, web.RequestPayloadError):
            return error_response(BAD_BODY, shapes)
        received = HttpRequest(request.method, path, query, request.headers, body, request.remote or "")
        event = proxy_event(received, route, parameters)
        return await self._call(route, json.dumps(event).encode())

    async def _call(self, route: Route, payload: bytes) -> web.Response:
        shapes = route.api.gateway_responses
        try:
            async with asyncio.timeout(INTEGRATION_SECONDS):
                outcome = await self._pools[route.function].invoke(payload)
        except Throttled:
            return error_response(THROTTLED, shapes)
        except TimeoutError:
            return error_response(TIMED_OUT, shapes)
        response = _answer(route, outcome)
        if outcome.cold:
            response.headers["X-Cold-Start"] = "1"
        return response

    async def _administer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        # Reject pages of other origins, which could reach these endpoints through the developer's browser.
        if not _is_loopback(request.remote) or "Origin" in request.headers:
            return error_response(BAD_KEY, {})
        return await self._admin.handle(request, path)


def _answer(route: Route, outcome: Outcome) -> web.Response:
    if outcome.failure is Failure.TIMEOUT:
        return error_response(TIMED_OUT, route.api.gateway_responses)
    if outcome.failure is None:
        try:
            response = http_response(outcome.payload)
            return web.Response(status=response.status, headers=response.headers, body=response.body)
        except MalformedResponse as problem:
            log.error("%s: malformed proxy response: %s", route.function, problem)
    return error_response(FAILED, route.api.gateway_responses)


async def _read_body(request: web.BaseRequest) -> bytes:
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise HTTPRequestEntityTooLarge(MAX_BODY_BYTES, request.content_length or 0)
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async with asyncio.timeout(BODY_SECONDS):
        return await request.read()


def _without_callers_tracebacks(record: logging.LogRecord) -> bool:
    """Log malformed HTTP in one line; a traceback would look like a fault of the gateway."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        what = " ".join(error.message.split())
        record.msg, record.args, record.exc_info = "rejected a request that is not HTTP: %.200s", (what,), None
    return True


def _is_loopback(address: str | None) -> bool:
    return address is not None and ipaddress.ip_address(address).is_loopback
