"""A proxy between a client and its server that lets each request through, or plays a fault on it."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp

_HOP_HEADERS = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What the server said, or what is said in its place."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    def head(self, length: int | None = None) -> bytes:
        """Status line and headers; the length is that of the body unless given."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body) if length is None else length}", "", ""]
        return "\r\n".join(lines).encode("latin-1")


@dataclass
class Exchange:
    """One request on its way; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _upstream: Callable[["Exchange"], Awaitable[Answer]]

    async def forward(self) -> Answer:
        return await self._upstream(self)

    async def answer(self, answer: Answer) -> None:
        self.writer.write(answer.head() + answer.body)
        await self.writer.drain()

    async def client_gone(self, within: float) -> bool:
        """Wait until the client hangs up; False if it did not in so many seconds."""
        with contextlib.suppress(OSError):
            try:
                async with asyncio.timeout(within):
                    return not await self.reader.read(1)
            except TimeoutError:
                return False
        return True


Fault = Callable[[Exchange], Awaitable[None]]
"""Deals with one request. A fault that closes the connection ends what else comes on it."""


async def passing(exchange: Exchange) -> None:
    await exchange.answer(await exchange.forward())


class FaultProxy:
    """Serves what is at `upstream` on a port of its own, one fault at a time; runs on a thread of its own."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self._fault: Fault = passing
        # Bound and never listened on: the port is this proxy's also while it refuses.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._client: aiohttp.ClientSession | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self._run(self._open())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._reserved.getsockname()[1]}"

    @contextmanager
    def playing(self, fault: Fault) -> Iterator[None]:
        """Play a fault on every request that begins while this is entered."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = passing

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Reject new connections and close open ones; the port stays taken."""
        self._run(self._shut())
        try:
            yield
        finally:
            self._run(self._listen())

    def close(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._reserved.close()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _open(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        self._client = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, *self._reserved.getsockname(), backlog=256, reuse_address=True
        )

    async def _shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in set(self._writers):
            writer.transport.abort()

    async def _close(self) -> None:
        assert self._client is not None
        await self._shut()
        await self._client.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while not writer.is_closing():
                exchange = await self._next(reader, writer)
                if exchange is None:
                    return
                await self._fault(exchange)
        except (OSError, asyncio.IncompleteReadError, aiohttp.ClientError):
            pass  # either end is gone; the other is told by the closed connection
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Exchange(method, path, headers, body, reader, writer, self._forward)

    async def _forward(self, exchange: Exchange) -> Answer:
        assert self._client is not None
        headers = {name: value for name, value in exchange.headers.items() if name not in _HOP_HEADERS}
        request = self._client.request(
            exchange.method, self.upstream + exchange.path, headers=headers, data=exchange.body or None
        )
        async with request as response:
            body = await response.read()
            kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOP_HEADERS}
            return Answer(response.status, body, kept)


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    proxy = FaultProxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()
