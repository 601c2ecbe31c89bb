"""A model's pieces in time: a model that hangs, drips or never ends keeps nobody waiting."""

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_clients.ask.in_process import answer_writer
from backend_clients.ask.in_process import llm as module
from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.llm import ChatModel, ModelError, OutputTruncated, TokenBudget, iter_with_deadline
from contracts.ask import DegradedReason
from tests.support.builders.stories import story
from tests.support.servers.model_server import MODEL, running_model
from tests.support.sides.in_process import LegacySides, request
from tests.support.sides.routed import eventually


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def test_pieces_come_as_they_are_and_in_order() -> None:
    assert list(iter_with_deadline(iter(["a", "", "b"]), soon())) == ["a", "", "b"]


def test_what_the_model_raises_is_raised_after_what_it_wrote() -> None:
    def pieces() -> Iterator[str]:
        yield "a"
        raise OutputTruncated("too long")

    read = iter_with_deadline(pieces(), soon())
    assert next(read) == "a"
    with pytest.raises(OutputTruncated):
        next(read)


def test_who_hangs_is_left_behind() -> None:
    released = threading.Event()

    def hanging() -> Iterator[str]:
        yield "a"
        released.wait(30)

    read = iter_with_deadline(hanging(), soon(0.05))
    assert next(read) == "a"
    with pytest.raises(ModelError, match="in time"):
        next(read)
    released.set()


def test_who_never_ends_is_ended() -> None:
    closed = threading.Event()

    def endless() -> Iterator[str]:
        try:
            yield from itertools.repeat("x")
        finally:
            closed.set()

    with pytest.raises(ModelError, match="in time"):
        for _ in iter_with_deadline(endless(), soon(0.05)):
            pass
    assert eventually(closed.is_set)


def test_only_so_many_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_slots", threading.BoundedSemaphore(1))
    released = threading.Event()

    def hanging() -> Iterator[str]:
        released.wait(30)
        yield "a"

    with pytest.raises(ModelError, match="in time"):
        list(iter_with_deadline(hanging(), soon(0.02)))
    with pytest.raises(ModelError, match="hang"):
        list(iter_with_deadline(iter("b"), soon()))
    released.set()
    assert eventually(lambda: module._slots._value == 1)  # type: ignore[attr-defined]
    assert list(iter_with_deadline(iter("b"), soon())) == ["b"]


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_model_that_takes_too_long_leaves_the_answer_to_the_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(answer_writer, "ANSWER_SECONDS", 0.3)
    with running_model(always=fault, hang_seconds=60.0) as model:
        budget = TokenBudget(tmp_path / "tokens.sqlite3", 0)
        side = LegacySides([story("a", title="Payments")], {"a": 0.9}).ask(
            tmp_path, AnswerWriter(ChatModel(MODEL, "sk-test", model.url), budget)
        )
        answer = side.generate(request("payments?"))
    assert (answer.degraded, answer.answer) == (DegradedReason.MODEL_DOWN, answer.modes.narrative)
