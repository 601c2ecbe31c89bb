"""A reply is read while it arrives, streamed or whole, wherever the network cuts it into parts."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.prose import reply_reader
from contracts.rules.prose.model_replies import MAX_REPLY, Ending
from contracts.rules.prose.reply_reader import BrokenReply, ReplyReader, UnusableReply

WORDS = ("It was ", "40% faster\u2028", " [1].\x85", ' "Yes\\n"', "\u00e9")
TEXT = "".join(WORDS)


def chunk(text: str, finish: str | None = None) -> Any:
    return {"choices": [{"delta": {"content": text}, "finish_reason": finish}]}


def stream(events: Iterable[Any], end: bytes = b"\n") -> bytes:
    """Server-sent events; what JSON need not escape is left as it is."""
    return b"".join(b"data: " + json.dumps(event, ensure_ascii=False).encode() + end + end for event in events)


WHOLE = json.dumps({"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}, indent=1).encode()
STREAM = stream([*map(chunk, WORDS), chunk("", "stop"), {"choices": [], "usage": {"total_tokens": 7}}])
BODIES = (STREAM, b"\xef\xbb\xbf" + STREAM, STREAM.replace(b"\n", b"\r\n"), b" \n" + WHOLE, WHOLE)


def read(body: Iterable[bytes], *, wants_tokens: bool = False) -> ReplyReader:
    reply = ReplyReader(wants_tokens=wants_tokens)
    assert "".join(reply.pieces(body)) == reply.text
    return reply


@given(st.sampled_from(BODIES), st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_where_the_network_cuts_makes_no_difference(body: bytes, cuts: list[int]) -> None:
    places = sorted({0, *(cut % len(body) for cut in cuts if cut % len(body) > 2), len(body)})
    reply = read(body[start:end] for start, end in pairwise(places))
    assert (reply.text, reply.ending) == (TEXT, Ending.WHOLE)


def test_tokens_are_waited_for_where_they_are_wanted() -> None:
    assert read([STREAM]).tokens is None
    assert read([STREAM], wants_tokens=True).tokens == 7


def test_a_reply_is_over_with_its_last_word() -> None:
    def body() -> Iterable[bytes]:
        yield stream([chunk("It was.", "stop")])
        raise AssertionError("more was asked for")

    assert read(body()).text == "It was."


def test_done_is_the_end() -> None:
    assert read([stream([chunk("It wa")]) + b"data: [DONE]\n\n" + stream([chunk("s")])]).text == "It wa"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (stream([chunk("It was.")]) + b"data: {broken\n\n", "It was."),
        (stream([chunk("It was."), {"error": {"message": "no"}}]), "It was."),
        (stream([chunk("It was.")]) + b'event: error\ndata: {"message": "no"}\n\n', "It was."),
        (b'{"choices": [{"message"', ""),
        (b'{"error": {"message": "no"}}', ""),
        (b"data: " + b"[" * 100_000 + b"\n\n", ""),
    ],
)
def test_what_came_before_a_reply_broke_is_there(body: bytes, text: str) -> None:
    reply = ReplyReader()
    with pytest.raises(BrokenReply):
        list(reply.pieces([body]))
    assert reply.text == text


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\n\n", b"[1]", b"data: [1]\n\n", b"data: null\n\n", b"<html>", b"data: [DONE]\n\n", b"{}"),
        stream([chunk(" \n")]),
        stream([{"choices": None}, {"choices": {}}, {"choices": [None]}, {"choices": [{"delta": None}]}]),
        stream([chunk("It was."), {"choices": [{"delta": {"refusal": "No."}}]}]),
        stream([chunk("It was."), chunk("", "content_filter")]),
    ],
)
def test_a_reply_without_words_and_a_refusal_are_unusable(body: bytes) -> None:
    with pytest.raises(UnusableReply):
        list(ReplyReader().pieces([body]))


def test_a_reply_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = read(stream([chunk("word " * 1000)]) for _ in iter(int, 1))
    assert reply.ending is Ending.TRUNCATED
    assert MAX_REPLY < len(reply.text) < MAX_REPLY + 5001
    monkeypatch.setattr(reply_reader, "_MAX_BODY", 200_000)
    with pytest.raises(BrokenReply):
        list(ReplyReader().pieces(b": wait\n\n" * 1_000 for _ in iter(int, 1)))
