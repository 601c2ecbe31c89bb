"""A stream that is slow or cut keeps its grounded part, on both sides alike."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from socket import socket
from typing import Any

import pytest

from backend_clients.ask.in_process import answer_writer as legacy_writer
from backend_clients.ask.in_process import chat_calls as legacy_calls
from contracts.ask import DegradedReason
from lambdas.ask.answers import answer_writer as lambda_writer
from lambdas.common.models import chat_calls as lambda_calls
from tests.support.servers.raw_server import RawServer, Script, cutting, raw_server, resetting
from tests.support.sides.writers import FIRST, GROUNDED, INVENTED, SIDES, Outcome, Write

SECONDS = 1.0
Expected = tuple[str, DegradedReason]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
PARTLY, DOWN, OK = DegradedReason.PARTLY, DegradedReason.MODEL_DOWN, DegradedReason.NO
over = threading.Event()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def said(text: str, finish: str | None = None, usage: Any = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return chunk(b"data: " + json.dumps({"choices": [choice], "usage": usage}).encode() + b"\n\n")


def stalling(part: bytes) -> Script:
    """Send these bytes and then nothing, until the test is over."""

    def script(connection: socket) -> bool:
        connection.sendall(part)
        over.wait(30)
        return False

    return script


def dripping(part: bytes, drop: bytes) -> Script:
    """Send these bytes, and then a drop every now and then until the test is over."""

    def script(connection: socket) -> bool:
        connection.sendall(part)
        while not over.wait(0.05):
            connection.sendall(drop)
        return False

    return script


def resetting_after(part: bytes) -> Script:
    def script(connection: socket) -> bool:
        connection.sendall(part)
        over.wait(0.05)  # else the reset overtakes what was sent
        return resetting(connection)

    return script


BEGUN = HEAD + said(f"{FIRST} It took")
END = b"0\r\n\r\n"
HALF = b'{"choices": [{"message": {"content": "It was'
ENDED = HEAD + said(FIRST) + said(" It took 3 months [1].", "stop")
CUT: dict[str, tuple[Script, Expected]] = {
    "cut": (cutting(BEGUN), (FIRST, PARTLY)),
    "cut within an event": (cutting(BEGUN + said(" 3 months [1].")[:20]), (FIRST, PARTLY)),
    "reset": (resetting_after(BEGUN), (FIRST, PARTLY)),
    "no chunk": (cutting(BEGUN + b"zz\r\nnot a chunk"), (FIRST, PARTLY)),
    "no JSON": (cutting(BEGUN + chunk(b"data: {broken\n\n") + END), (FIRST, PARTLY)),
    "no UTF-8": (cutting(BEGUN + chunk(b"data: \xff\xfe\n\n") + END), (FIRST, PARTLY)),
    "an error": (cutting(BEGUN + chunk(b'data: {"error": {"code": 503}}\n\n') + END), (FIRST, PARTLY)),
    "an event of an error": (cutting(BEGUN + chunk(b'event: error\ndata: {"message": "x"}\n\n')), (FIRST, PARTLY)),
    "cut after its ending": (cutting(ENDED), (GROUNDED, OK)),
    "stalled after its ending": (stalling(ENDED + said("", "stop", usage={"total_tokens": 7})), (GROUNDED, OK)),
    "half of some JSON": (cutting(JSON_HEAD + HALF), ("", DOWN)),
}
SLOW: dict[str, tuple[Sequence[Script], Expected]] = {
    "stalled": ([stalling(BEGUN)], (FIRST, PARTLY)),
    "stalled after words": ([stalling(HEAD + said("It was"))], ("", DOWN)),
    "stalled after a claim": ([stalling(HEAD + said(f"{FIRST} {INVENTED} It took"))], (FIRST, PARTLY)),
    "stalled while it thinks": ([stalling(HEAD + said(f"{FIRST} <think>41% for Globex. Or"))], (FIRST, PARTLY)),
    "stalled without a mark": ([stalling(HEAD + said("It was 40% faster. It took"))], ("", DOWN)),
    "comments for ever": ([dripping(BEGUN, chunk(b": wait\n\n"))], (FIRST, PARTLY)),
    "letters for ever": ([dripping(BEGUN, said("x"))], (FIRST, PARTLY)),
    "stalled after its ending, without its cost": ([stalling(ENDED)], (GROUNDED, OK)),
    "a claim, then stalled": (
        [cutting(HEAD + said(f"{FIRST} {INVENTED}", "stop") + END), stalling(HEAD)],
        (FIRST, PARTLY),
    ),
    "JSON that stalls": ([stalling(JSON_HEAD + HALF)], ("", DOWN)),
}


@dataclass(frozen=True)
class Side:
    """A side's writer and the server that it asks."""

    server: RawServer
    write: Write


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Side]]:
    """Both sides, each of which has had an answer already: the first call loads much of the SDK."""
    with ExitStack() as running:
        found = {}
        for name, make in SIDES.items():
            server = running.enter_context(raw_server(cutting(ENDED)))
            found[name] = Side(server, make(f"{server.url}/v1", tmp_path_factory.mktemp(name)))
            assert found[name].write().served == GROUNDED
        yield found


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(legacy_calls, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(lambda_calls, "_BACKOFF_SECONDS", 0.0)
    over.clear()
    yield
    over.set()


def outcomes(sides: Mapping[str, Side], scripts: Sequence[Script]) -> dict[str, Outcome]:
    """What each side makes of what its server does, both at the same time."""

    def outcome(name: str) -> Outcome:
        server = sides[name].server
        server.scripts, server.heads = list(scripts), []
        return sides[name].write()

    with ThreadPoolExecutor() as pool:
        return dict(zip(SIDES, pool.map(outcome, SIDES), strict=True))


def assert_all_make(found: Mapping[str, Outcome], expected: Expected) -> None:
    assert {name: (outcome.served, outcome.degraded) for name, outcome in found.items()} == dict.fromkeys(
        SIDES, expected
    )
    for outcome in found.values():
        assert not any(word in text for text in outcome.shown for word in ("987", "Globex", "41%", "think"))


@pytest.mark.parametrize("case", CUT)
def test_what_came_before_a_cut_is_kept(sides: dict[str, Side], case: str) -> None:
    script, expected = CUT[case]
    assert_all_make(outcomes(sides, [script]), expected)


@pytest.mark.parametrize("case", SLOW)
def test_what_came_in_time_is_kept(sides: dict[str, Side], monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr(legacy_writer, "ANSWER_SECONDS", SECONDS)
    monkeypatch.setattr(lambda_writer, "MODEL_SECONDS", SECONDS)
    scripts, expected = SLOW[case]
    assert_all_make(outcomes(sides, scripts), expected)
