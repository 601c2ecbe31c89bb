"""Incomplete and malformed requests to the gateway are rejected within a time limit."""

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.local.gateway import server
from lambdas.local.gateway.admin import Admin
from lambdas.local.gateway.routes import RouteTable
from lambdas.local.gateway.server import Gateway
from lambdas.local.runtime.invocation import Outcome, Throttled
from lambdas.local.stack.triggers import Api, Route

HEAD = b"POST /items HTTP/1.1\r\nHost: here\r\n"
LONG = b"x" * 10_000


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
        manager = Gateway(routes, pools, "", admin or Admin({}, {}, {})).server()
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
        writer.write(b"POST /-/functions/Full/invocations?type=Event HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = await asyncio.wait_for(reader.readline(), 5)
        await asyncio.sleep(0.05)
        return answer.rstrip()

    pools: Any = {"full": Full()}
    assert talking(post, Admin({}, {}, pools)) == b"HTTP/1.1 202 Accepted"
    gc.collect()  # a task whose exception nobody took says so when it goes
    assert [record.getMessage() for record in caplog.records] == [
        "full: an event was dropped: every process is busy and the queue is full"
    ]
