"""The Lambda Runtime API over HTTP, with requests split at any byte."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.local.runtime.api import MAX_PAYLOAD_BYTES, RuntimeConnection

NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n"


def post(path: str, body: bytes) -> bytes:
    head = f"POST /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: x\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Recorder:
    """A runtime that records the calls it receives."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []

    def asks_next(self, connection: RuntimeConnection) -> None:
        self.calls.append(("next", b""))
        connection.send_next({"Lambda-Runtime-Aws-Request-Id": "id"}, b"{}")

    def sends_response(self, body: bytes) -> None:
        self.calls.append(("response", body))

    def sends_error(self, body: bytes) -> None:
        self.calls.append(("error", body))

    def sends_init_error(self, body: bytes) -> None:
        self.calls.append(("init", body))


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)


def talk(*chunks: bytes) -> tuple[Recorder, bytes]:
    recorder, wire = Recorder(), Wire()
    connection = RuntimeConnection(recorder)
    connection.connection_made(wire)
    for chunk in chunks:
        connection.data_received(chunk)
    return recorder, wire.sent


@given(st.binary(max_size=50), st.lists(st.integers(0, 400), max_size=5))
def test_requests_are_parsed_whatever_their_chunks(body: bytes, cuts: list[int]) -> None:
    stream = NEXT + post("invocation/id/response", body) + NEXT + post("invocation/id/error", body)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]

    recorder, _ = talk(*(stream[start:end] for start, end in pairwise(edges)))

    assert recorder.calls == [("next", b""), ("response", body), ("next", b""), ("error", body)]


def test_the_next_invocation_carries_headers_and_payload() -> None:
    _, sent = talk(NEXT)

    head, _, payload = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Lambda-Runtime-Aws-Request-Id: id" in head
    assert payload == b"{}"


@pytest.mark.parametrize(
    ("path", "call"),
    [("invocation/id/response", "response"), ("invocation/id/error", "error"), ("init/error", "init")],
)
def test_reports_are_accepted(path: str, call: str) -> None:
    recorder, sent = talk(post(path, b"body"))

    assert recorder.calls == [(call, b"body")]
    assert sent.startswith(b"HTTP/1.1 202 ")


def test_a_response_beyond_lambdas_limit_is_rejected() -> None:
    recorder, sent = talk(post("invocation/id/response", b"x" * (MAX_PAYLOAD_BYTES + 1)))

    assert recorder.calls == []
    assert sent.startswith(b"HTTP/1.1 413 ")
