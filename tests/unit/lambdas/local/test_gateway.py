"""Incomplete and malformed requests to the gateway are rejected within a time limit."""

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.local.gateway import connection, server
from lambdas.local.gateway.admin import Admin
from lambdas.local.gateway.routes import RouteTable
from lambdas.local.gateway.server import Gateway
from lambdas.local.runtime.api import MAX_PAYLOAD_BYTES
from lambdas.local.runtime.invocation import Outcome, Throttled
from lambdas.local.stack.triggers import Api, Route

HEAD = b"POST /items HTTP/1.1\r\nHost: localhost\r\n"
LONG = b"x" * 10_000
PROBLEM = b"Content-Type: application/problem+json"


class Echo:
    """A pool whose function returns the request's body."""

    async def invoke(self, payload: bytes) -> Outcome:
        return Outcome(json.dumps({"statusCode": 200, "body": json.loads(payload)["body"]}).encode())


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


def talking(talk: Talk, admin: Admin | None = None) -> Any:
    """Run one test conversation with a listening gateway."""

    async def run() -> Any:
        routes = RouteTable([Route("POST", "/items", "echo", Api("a", "v1"))])
        pools: Any = {"echo": Echo()}
        manager = Gateway(routes, pools, admin or Admin({}, {}, {})).server()
        server = await asyncio.get_running_loop().create_server(manager, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            return await talk(reader, writer)
        finally:
            writer.close()
            server.close()
            await manager.shutdown(timeout=1)

    return asyncio.run(run())


def sending(*parts: bytes) -> Talk:
    """Send the parts one after the other and return the first line of the answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        return (await asyncio.wait_for(reader.readline(), 5)).rstrip()

    return talk


async def whole_answer(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), 5)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /items?q=" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"y" * 2_000,
        b"GET /items?q=" + b"x" * 30_000 + b" HTTP/1.1\r\nHost: localhost",
        b"GET /items HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"y" * 30_000,
        b"GET /items HTTP/1.1\r\nHost: localhost" + b"".join(b"\r\nX-%d: " % n + b"y" * 200 for n in range(60)),
    ],
    ids=["together", "a long line", "a long header", "many headers"],
)
def test_a_head_over_10240_bytes_gets_a_problem(head: bytes) -> None:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(head + b"\r\n\r\n")
        return await whole_answer(reader)

    answer = talking(send)
    assert answer.split(b" ")[1] == b"431"
    assert PROBLEM in answer
    assert b'"status":431' in answer


def test_a_head_of_10240_bytes_passes() -> None:
    start = b"POST /items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: "
    exactly = start + b"x" * (connection.MAX_HEAD_BYTES - len(start) - 2) + b"\r\n\r\n"
    assert talking(sending(exactly)) == b"HTTP/1.1 200 OK"
    assert talking(sending(exactly.replace(b"x", b"xx", 1))) == b"HTTP/1.1 431 Request Header Fields Too Large"


@pytest.mark.parametrize("before", [b"", HEAD + b"Content-Length: 2\r\n\r\n{}"], ids=["first", "second"])
def test_a_head_that_comes_too_slowly_is_cut(before: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 1.0)  # a busy machine may send late

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(before)
        for part in (b"GET /items", b" HTTP/1.1\r\n", b"Host: local", b"host\r\n"):
            await asyncio.sleep(0.02)
            writer.write(part)
        return await whole_answer(reader)

    answer = talking(trickle)
    assert answer.count(b"HTTP/1.1 ") == 1 + bool(before)
    assert b"HTTP/1.1 408 Request Timeout\r\n" + PROBLEM in answer


def test_a_connection_may_rest_between_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.05)

    async def ask_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
        answers = []
        for _ in range(2):
            writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
            answers.append((await asyncio.wait_for(reader.readuntil(b"{}"), 5)).split(b"\r\n")[0])
            await asyncio.sleep(0.2)
        return answers

    assert talking(ask_twice) == [b"HTTP/1.1 200 OK"] * 2


@pytest.mark.parametrize(
    ("host", "line"),
    [
        (b"localhost:3000", b"HTTP/1.1 200 OK"),
        (b"127.0.0.1:3000", b"HTTP/1.1 200 OK"),
        (b"[::1]:3000", b"HTTP/1.1 200 OK"),
        (b"evil.example.com", b"HTTP/1.1 403 Forbidden"),
        (b"127.0.0.1.evil.example.com", b"HTTP/1.1 403 Forbidden"),
        (b"", b"HTTP/1.1 403 Forbidden"),
        (b"[", b"HTTP/1.1 403 Forbidden"),
    ],
)
def test_a_foreign_host_is_forbidden(host: bytes, line: bytes) -> None:
    head = HEAD.replace(b"localhost", host) + b"Content-Length: 2\r\n\r\n{}"
    assert talking(sending(head)) == line
    admin = b"GET /-/health HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert talking(sending(admin), Admin({}, {}, {})) == line


@pytest.mark.parametrize("query", [b"q=a|b", b"q={a", b"q=a}"])
def test_a_query_string_that_api_gateway_cannot_read_is_refused(query: bytes) -> None:
    assert talking(sending(HEAD.replace(b"/items", b"/items?" + query) + b"\r\n")) == b"HTTP/1.1 400 Bad Request"


@pytest.mark.parametrize(("fill", "line"), [(0, b"HTTP/1.1 200 OK"), (4096, b"HTTP/1.1 413 Request Entity Too Large")])
def test_an_event_over_six_megabytes_is_too_large(fill: int, line: bytes) -> None:
    body = b" " * (MAX_PAYLOAD_BYTES - 4096 + fill)
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    assert talking(sending(head, body)) == line


@pytest.mark.parametrize(
    "parts",
    [
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",),
        (b"Transfer-Encoding: chunked\r\n\r\n1\r\n{", b"\r\n1\r\n}\r\n", b"0\r\n\r\n"),
        (b"Content-Length: 2\r\n\r\n{", b"}"),
        (b"X-Long: " + LONG + b"\r\nContent-Length: 2\r\n\r\n{}",),
    ],
    ids=["chunked", "chunked in pieces", "slow", "a long header"],
)
def test_a_body_may_arrive_in_any_parts(parts: tuple[bytes, ...]) -> None:
    first, *rest = parts
    assert talking(sending(HEAD + first, *rest)) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "parts",
    [
        (b"Content-Length: 50\r\n\r\n", b"less"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nabcde\r\n", b"no number\r\n"),
    ],
    ids=["too short", "no chunk"],
)
def test_an_incomplete_body_times_out(parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 0.2)
    first, *rest = parts
    assert talking(sending(HEAD + first, *rest)) == b"HTTP/1.1 400 Bad Request"


def test_a_disconnected_caller_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 50\r\n\r\nless")
        await asyncio.sleep(0.05)
        writer.transport.abort()
        await asyncio.sleep(0.05)

    talking(leave)
    assert caplog.records == []


def test_malformed_http_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    assert talking(sending(HEAD + b"Content-Length: -5\r\n\r\n")) == b"HTTP/1.0 400 Bad Request"
    (record,) = caplog.records
    told = logging.Formatter().format(record)
    assert told.startswith("rejected a request that is not HTTP: Invalid character in Content-Length")
    assert "\n" not in told


class Full:
    """A full pool."""

    spec = SimpleNamespace(name="full", logical_id="Full", stack="shop", handler="full.handler")

    async def invoke(self, _: bytes) -> Outcome:
        raise Throttled


def test_an_event_rejected_by_a_full_pool_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST /-/functions/Full/invocations?type=Event HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = await asyncio.wait_for(reader.readline(), 5)
        await asyncio.sleep(0.05)
        return answer.rstrip()

    pools: Any = {"full": Full()}
    assert talking(post, Admin({}, {}, pools)) == b"HTTP/1.1 202 Accepted"
    gc.collect()  # a task whose exception nobody took says so when it goes
    assert [record.getMessage() for record in caplog.records] == [
        "full: an event was dropped: every process is busy and the queue is full"
    ]
