"""A connection to the gateway: what is no request, or takes too long to become one, gets a problem document."""

import asyncio
import logging
import uuid
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from contracts.problem import MEDIA_TYPE, Problem

MAX_HEAD_BYTES: Final = 10_240  # API Gateway's limit, on request line and headers together
HEAD_SECONDS: Final = 10.0
IDLE_SECONDS: Final = 60.0
TOO_LONG: Final = f"Request line and headers have more than {MAX_HEAD_BYTES:,} bytes together."
_LINE_END: Final = 2
_SEPARATOR: Final = 2
_WORDS: Final = len(" HTTP/1.1") + 1

log = logging.getLogger(__name__)


class GatewayServer(web.Server):
    """A server without aiohttp's router, which decodes the path and takes time on every request."""

    def __init__(self, handler: Any, *, max_body_bytes: int) -> None:
        loop = asyncio.get_running_loop()

        def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=max_body_bytes)

        super().__init__(handler, request_factory=request)

    def __call__(self) -> RequestHandler:
        return _Connection(
            self,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=2 * MAX_HEAD_BYTES,  # what is longer is not read, what is too long is told so
            max_field_size=2 * MAX_HEAD_BYTES,
        )


class _Connection(RequestHandler):
    __slots__ = ("_head_timer",)

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start_head_timer()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        if self._request_count > before:
            self._stop_head_timer()
        elif self._head_timer is None and self._waiter is not None and not self._waiter.done():
            self._start_head_timer()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Tell a caller's mistake in one line of the log; a traceback would look like a fault of the gateway."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        what = exc.message.partition(":")[0]  # what follows may be a header
        log.warning("rejected a request that is not HTTP: %.200s", " ".join(what.split()))
        if isinstance(exc, LineTooLong):
            return head_problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_LONG)
        return head_problem(HTTPStatus.BAD_REQUEST, "The request is not valid HTTP.")

    def _start_head_timer(self) -> None:
        self._head_timer = self._loop.call_later(HEAD_SECONDS, self._cut)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cut(self) -> None:
        """End a connection on which no whole head came in time."""
        self._head_timer = None
        if self.transport is not None:
            body = _problem(HTTPStatus.REQUEST_TIMEOUT, "The request's headers took too long.")
            head = f"HTTP/1.1 408 Request Timeout\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n"
            self.transport.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        self.force_close()


def head_problem(status: HTTPStatus, detail: str) -> web.Response:
    """The answer to a request that no API sees, as a problem document; it ends the connection."""
    response = web.Response(status=status, body=_problem(status, detail), content_type=MEDIA_TYPE)
    response.force_close()
    return response


def head_bytes(request: web.BaseRequest) -> int:
    """How long request line and headers are together."""
    line = len(request.method) + len(request.raw_path.encode()) + _WORDS + _LINE_END
    return line + sum(len(name) + _SEPARATOR + len(value) + _LINE_END for name, value in request.raw_headers)


def _problem(status: HTTPStatus, detail: str) -> bytes:
    problem = Problem(title=status.phrase, status=status, detail=detail, request_id=str(uuid.uuid4()))
    return problem.model_dump_json().encode()
