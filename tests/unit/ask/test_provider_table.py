"""What providers do, through the real SDK: each side makes the same answer of it, or the same reason for none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend_clients.ask.in_process import chat_calls as legacy_calls
from contracts.ask import DegradedReason
from contracts.ask_prompt import SYSTEM
from lambdas.common.models import chat_calls as lambda_calls
from tests.support.servers.model_server import ModelServer, running_model
from tests.support.servers.provider_replies import Respond, in_turn, refuses, rewritten, says, streams, whole, without
from tests.support.sides.writers import FIRST, GROUNDED, INVENTED, SIDES, Write

SECRET = "PONDER"  # what a model thinks; shown nowhere
THOUGHT = f"{SECRET}: is it 41% faster for Globex? Saved $1."
PARTS = [{"type": "text", "text": FIRST}, {"type": "text", "text": " It took 3 months [1]."}]
THINKING_PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}, *PARTS]

OK, DOWN = DegradedReason.NO, DegradedReason.MODEL_DOWN
UNGROUNDED, PARTLY = DegradedReason.UNGROUNDED, DegradedReason.PARTLY
QUOTA = "insufficient_quota"
RATE = refuses(429, headers={"retry-after": "0"}, type="requests", code="rate_limit_exceeded")
FINE = says(GROUNDED)


@dataclass(frozen=True)
class Behaviour:
    """What a server does, and what is made of it: the model's words that are served, why not all, and the requests."""

    what: str
    make: Callable[[], Respond]
    served: str = GROUNDED
    degraded: DegradedReason = OK
    requests: int = 1


def answers(what: str, *replies: Respond, requests: int = 1, served: str = GROUNDED) -> Behaviour:
    return Behaviour(what, lambda: in_turn(*replies), served, OK, requests)


def fails(
    what: str, *replies: Respond, reason: DegradedReason = DOWN, requests: int = 1, served: str = ""
) -> Behaviour:
    return Behaviour(what, lambda: in_turn(*replies), served, reason, requests)


TABLE = (
    answers("an answer", FINE),
    # Endings
    answers("no finish_reason, but its text", says(GROUNDED, finish=None)),
    answers("an ending of its own name", says(GROUNDED, finish="end_turn")),
    answers("no [DONE]", says(GROUNDED, done=b"")),
    answers("neither finish_reason nor [DONE]", says(GROUNDED, finish=None, done=b"")),
    answers("out of room: whole sentences stay", says(f"{FIRST} It took 3", finish="length"), served=FIRST),
    answers("out of room by another name", says(f"{FIRST} It took 3", finish="max_tokens"), served=FIRST),
    fails("out of room within its first sentence", says("It was 40", finish="length")),
    fails("broken off", says(f"{FIRST} It took", finish=None), reason=PARTLY, served=FIRST),
    fails("broken off within its first sentence", says("It was 40", finish=None)),
    # What is thought
    answers("<think> before the answer", says(f"<think>{THOUGHT}</think>\n\n{GROUNDED}")),
    answers("<think> without its beginning", says(f"{THOUGHT}</think> {GROUNDED}")),
    answers("<thinking>", says(f"<thinking>\n{THOUGHT}\n</thinking>\n{GROUNDED}")),
    answers("thoughts between sentences", says(f"{FIRST} <think>{THOUGHT}</think>It took 3 months [1].")),
    answers("thoughts within thoughts", says(f"<think>{SECRET} <think>{THOUGHT}</think> {SECRET}</think>{GROUNDED}")),
    answers("[THINK]", says(f"[THINK]{THOUGHT}[/THINK]{GROUNDED}")),
    answers("<seed:think>", says(f"<seed:think>{THOUGHT}</seed:think>{GROUNDED}")),
    answers(
        "channels",
        says(
            f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant"
            f"<|channel|>final<|message|>{GROUNDED}<|return|>"
        ),
    ),
    fails("no final channel", says(f"<|channel|>analysis<|message|>{THOUGHT} It was 40% faster [1].")),
    answers("a turned triangle", says(f"\u25c1think\u25b7{THOUGHT}\u25c1/think\u25b7{GROUNDED}")),
    answers("a field of its own for thoughts", says(GROUNDED, extra={"reasoning_content": THOUGHT})),
    answers("another field for thoughts", says(GROUNDED, extra={"reasoning": THOUGHT})),
    answers("a part for thoughts", says(THINKING_PARTS)),
    fails("<think> that never ends", says(f"<think>{THOUGHT} It was 40% faster [1].")),
    fails("thoughts and no answer", says(f"<think>{THOUGHT}</think>")),
    fails("thoughts in their field and no answer", says("", extra={"reasoning_content": THOUGHT})),
    fails("out of room while it thinks", says(f"<think>{THOUGHT}", finish="length")),
    answers("<think> after the answer, cut", says(f"{GROUNDED} <think>{THOUGHT}", finish="length")),
    # Shapes
    answers("content in parts", says(PARTS)),
    answers("no usage", says(GROUNDED, usage=None)),
    answers("a usage that is no number", says(GROUNDED, usage={"total_tokens": "many"})),
    answers("a usage that is a list", says(GROUNDED, usage=[1, 2])),
    answers("chunks without delta", says(GROUNDED, before=[{"choices": [{"index": 0}]}])),
    answers("chunks whose delta is null", says(GROUNDED, before=[{"choices": [{"index": 0, "delta": None}]}])),
    answers("chunks without choices", says(GROUNDED, before=[{"choices": []}, {"choices": None}, {"id": "x"}])),
    answers("a chunk of the role alone", says(GROUNDED, extra={"role": "assistant"})),
    answers("fields that nobody knows", says(GROUNDED, extra={"mood": {"x": [1]}, "annotations": []})),
    answers("lines that end as Windows ends them", rewritten(FINE, lambda body: body.replace(b"\n", b"\r\n"))),
    answers(
        "comments to keep the line open",
        rewritten(FINE, lambda body: (b": wait\n\n" if body.startswith(b"data") else b" \n ") + body),
    ),
    answers("text/plain", rewritten(FINE, lambda body: body, "text/plain")),
    # Whole replies to those who asked for a stream
    answers("JSON", whole(FINE)),
    answers("JSON on many lines", rewritten(whole(FINE), lambda body: b"\n" + body.replace(b", ", b",\n  "))),
    answers("JSON that is called a stream", rewritten(whole(FINE), lambda body: body, "text/event-stream")),
    answers("JSON whose content is in parts", whole(says(THINKING_PARTS))),
    answers("JSON without an ending", whole(says(GROUNDED, finish=None))),
    answers("JSON, out of room", whole(says(f"{FIRST} It took 3", finish="length")), served=FIRST),
    fails("JSON, broken off", whole(says(f"{FIRST} It took", finish=None)), reason=PARTLY, served=FIRST),
    fails("JSON that refuses", whole(says(None, extra={"refusal": "I cannot."})), FINE),
    fails("JSON of an error", streams(b'{"error": {"message": "overloaded"}}', "application/json"), FINE),
    fails("half of some JSON", rewritten(whole(FINE), lambda body: body[: len(body) // 2]), FINE),
    Behaviour("no streams", lambda: without("stream", then=FINE), requests=2),
    # Parameters
    Behaviour("no temperature", lambda: without("temperature", then=FINE), requests=2),
    Behaviour("no max_completion_tokens", lambda: without("max_completion_tokens", then=FINE), requests=2),
    Behaviour(
        "neither of both", lambda: without("temperature", "max_completion_tokens", "max_tokens", then=FINE), requests=4
    ),
    Behaviour(
        "no temperature, said in words", lambda: without("temperature", then=FINE, says_param=False), requests=2
    ),
    Behaviour("a 422 for a parameter", lambda: without("temperature", then=FINE, status=422), requests=2),
    fails("a 400 for the model", refuses(400, param="model", message="no such model"), FINE),
    fails("a 400 for no reason", refuses(400), FINE),
    # Errors
    answers("a rate limit", RATE, FINE, requests=2),
    fails("a rate limit for ever", RATE, requests=3),
    fails("a quota, by code", refuses(429, code=QUOTA), FINE),
    fails("a quota, by type", refuses(429, type=QUOTA), FINE),
    fails("a quota, in words", refuses(429, message="Insufficient Balance"), FINE),
    fails("a bill", refuses(402, message="Insufficient Balance"), FINE),
    fails("a wrong key", refuses(401, code="invalid_api_key"), FINE),
    fails("a key without rights", refuses(403), FINE),
    fails("no such model", refuses(404, code="model_not_found"), FINE),
    answers("an error that passes", refuses(500), FINE, requests=2),
    answers("a busy gateway", rewritten(refuses(502), lambda _: b"<html>Busy", "text/html"), FINE, requests=2),
    answers("a time-out of its own", refuses(408), FINE, requests=2),
    fails("down", refuses(503), requests=3),
    fails("an error that will not pass", refuses(500, headers={"x-should-retry": "false"}), FINE),
    fails("an error with status 200", streams(b'data: {"error": {"message": "overloaded"}}\n\n'), FINE),
    # No answers
    fails("a refusal", says(None, extra={"refusal": "I cannot."})),
    fails("a refusal after some words", says(FIRST, extra={"refusal": "I cannot."})),
    fails("a filter", says(GROUNDED, finish="content_filter")),
    fails("nothing", says("")),
    fails("null", says(None)),
    fails("white space", says(" \n ")),
    fails("marks alone", says("[1] [2].")),
    fails("formatting alone", says("![](https://evil.example/x.png) <b>")),
    fails("a call of a tool", says(None, finish="tool_calls", extra={"tool_calls": []})),
    fails("a web page", streams(b"<html>It works!</html>", "text/html")),
    fails("no JSON object", streams(b"[1]")),
    fails("no body", streams(b"")),
    # Claims
    answers("a claim, taken back", says(INVENTED), FINE, requests=2),
    fails("a claim, twice", says(INVENTED), reason=UNGROUNDED, requests=2),
    fails("a claim after grounded words", says(f"{FIRST} {INVENTED}"), reason=PARTLY, served=FIRST, requests=2),
    fails("no mark", says("It was 40% faster."), reason=UNGROUNDED, requests=2),
    fails("its instructions", says(f"{SYSTEM} [1]"), reason=UNGROUNDED, requests=2),
    fails("a claim, and then it is down", says(INVENTED), refuses(401), requests=2),
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


@pytest.fixture(params=SIDES)
def write(request: pytest.FixtureRequest, server: ModelServer, tmp_path: Path) -> Write:
    """A side's writer, new in every test."""
    server.requests.clear()
    return SIDES[request.param](server.url, tmp_path)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy_calls, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(lambda_calls, "_BACKOFF_SECONDS", 0.0)


@pytest.mark.parametrize("behaviour", TABLE, ids=lambda behaviour: behaviour.what)
def test_a_providers_behaviour(write: Write, server: ModelServer, behaviour: Behaviour) -> None:
    server.respond = behaviour.make()
    outcome = write()
    assert (outcome.served, outcome.degraded) == (behaviour.served, behaviour.degraded)
    assert len(server.requests) == behaviour.requests
    for text in outcome.shown:
        assert not any(part in text for part in (SECRET, "think", "THINK", "Globex", "987", "41%", "evil")), text


@pytest.mark.parametrize(
    ("unknown", "taken"),
    [
        (("temperature",), {"max_completion_tokens"}),
        (("max_completion_tokens",), {"temperature", "max_tokens"}),
        (("temperature", "max_completion_tokens", "max_tokens"), set()),
    ],
)
def test_what_a_provider_does_not_take_is_sent_once(
    write: Write, server: ModelServer, unknown: tuple[str, ...], taken: set[str]
) -> None:
    server.respond = without(*unknown, then=FINE)
    first = write()
    server.requests.clear()
    assert write() == first
    assert len(server.requests) == 1
    assert set(server.requests[0]) - {"model", "messages", "stream", "stream_options"} == taken


def test_the_table_is_long_enough() -> None:
    assert len({behaviour.what for behaviour in TABLE}) == len(TABLE) > 60
