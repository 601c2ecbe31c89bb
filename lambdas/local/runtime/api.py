"""HTTP server of the Lambda Runtime API.

Written by hand because it is on the path of every call: its one client is awslambdaric, which sends plain
requests with a Content-Length, and parsing those costs a tenth of what a general server does per request.
"""

import asyncio
import re
from typing import Protocol

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024  # Lambda's limit on what a synchronous call takes and answers

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n"


class Runtime(Protocol):
    """The calls that a function's process makes to its runtime."""

    def asks_next(self, connection: "RuntimeConnection") -> None: ...

    def sends_response(self, body: bytes) -> None: ...

    def sends_error(self, body: bytes) -> None: ...

    def sends_init_error(self, body: bytes) -> None: ...


class RuntimeConnection(asyncio.Protocol):
    """One connection of a process to its runtime API."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._received[:end])
            length = _LENGTH.search(head)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < total:
                return
            body = bytes(self._received[end + 4 : total])
            del self._received[:total]
            self._handle(head.split(b" ", 2)[1], body)

    def send_next(self, headers: dict[str, str], payload: bytes) -> None:
        """Respond to the pending call for the next invocation."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n{lines}\r\n"
        self._write(head.encode() + payload)

    def _handle(self, path: bytes, body: bytes) -> None:
        if path.endswith(b"/invocation/next"):
            self._runtime.asks_next(self)
        elif len(body) > MAX_PAYLOAD_BYTES:
            self._write(_TOO_LARGE)
        else:
            self._write(_ACCEPTED)
            self._report(path, body)

    def _report(self, path: bytes, body: bytes) -> None:
        if path.endswith(b"/response"):
            self._runtime.sends_response(body)
        elif path.endswith(b"/init/error"):
            self._runtime.sends_init_error(body)
        elif path.endswith(b"/error"):
            self._runtime.sends_error(body)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)
