"""A chat model in-process, through the real SDK, and what is made of its prose: grounded, within budget, or nothing."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.ask.in_process import chat_calls
from backend_clients.ask.in_process import llm as module
from backend_clients.ask.in_process.answer_writer import AnswerWriter, WrittenAnswer
from backend_clients.ask.in_process.llm import ChatModel, ModelError, OutputTruncated, TokenBudget
from backend_clients.ask.in_process.plain_text import as_markdown, plain
from backend_clients.ask.in_process.prompt import Prompt, build_prompt
from contracts.ask import DegradedReason
from contracts.ask_prompt import SYSTEM
from contracts.rules.prose.grounding import GroundingSources as Grounding
from tests.support.builders.stories import story
from tests.support.servers.model_server import MODEL, ModelServer, obeying_prose, running_model
from tests.support.servers.raw_server import RawServer, cutting, raw_server, resetting

CITED = (
    story("a", title="Payments", client="Acme Bank", result=("40% faster in 3 months.", "Saved $450,000.")),
    story("b", title="Cards", client="Bolt"),
)
PROMPT = build_prompt("What about payments?", CITED, ())
GROUNDING = Grounding(CITED, {"Acme Bank", "Bolt", "Globex"})
GROUNDED = "It was 40% faster [1]. It took 3 months [1]."
INVENTED = "It saved $987 million for Globex [1]."


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with running_model(writer=lambda _: GROUNDED, hang_seconds=2.0) as running:
        yield running


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_calls, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(module, "_TIMEOUT_SECONDS", 0.3)


def chat(model: ModelServer) -> ChatModel:
    return ChatModel(MODEL, "sk-test", model.url)


# The model


def test_an_answer_comes_in_pieces(model: ModelServer) -> None:
    pieces = list(chat(model).stream(PROMPT))
    assert "".join(pieces) == GROUNDED
    assert len(pieces) > 5


def test_rules_and_stories_go_as_two_messages_and_a_reminder_with_the_second(model: ModelServer) -> None:
    list(chat(model).stream(PROMPT))
    list(chat(model).stream(PROMPT, "Answer again."))
    first, second = model.requests
    assert first["messages"] == [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT.user}]
    assert second["messages"][1]["content"] == f"{PROMPT.user}\n\nAnswer again."
    assert (first["model"], first["temperature"], first["stream"]) == (MODEL, 0.2, True)
    assert first["max_completion_tokens"] == 500
    assert model.keys == ["sk-test"] * 2


@pytest.mark.parametrize("fault", ["429", "500", "drop", "hang"])
def test_the_sdk_tries_again(model: ModelServer, fault: str) -> None:
    model.script.append(fault)
    assert "".join(chat(model).stream(PROMPT)) == GROUNDED
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        *(("429", 3), ("500", 3), ("drop", 3), ("hang", 3)),
        *(("garbage", 1), ("not-json", 1), ("refusal", 1), ("filtered", 1)),
    ],
)
def test_a_model_that_does_not_answer_is_an_error(model: ModelServer, fault: str, requests: int) -> None:
    model.always = fault
    started = time.monotonic()
    with pytest.raises(ModelError):
        list(chat(model).stream(PROMPT))
    assert time.monotonic() - started < 5.0
    assert len(model.requests) == requests


def test_an_answer_that_ran_out_of_room_says_so(model: ModelServer) -> None:
    model.always = "length"
    with pytest.raises(OutputTruncated):
        list(chat(model).stream(PROMPT))


def test_no_server_at_all_is_an_error() -> None:
    with pytest.raises(ModelError, match="APIConnectionError"):
        list(ChatModel(MODEL, "sk-test", "http://127.0.0.1:9/v1").stream(PROMPT))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return hex(len(data))[2:].encode() + b"\r\n" + data + b"\r\n"


def event(choice: str) -> bytes:
    return chunk(
        b'data: {"id":"x","object":"chat.completion.chunk","created":1,"choices":[' + choice.encode() + b"]}\n\n"
    )


FIRST = event('{"index":0,"delta":{"content":"It was 40% faster. It "},"finish_reason":null}')


def reset_after_a_piece(connection: Any) -> bool:
    connection.sendall(HEAD + FIRST)
    time.sleep(0.05)
    return resetting(connection)


def stall_after_a_piece(connection: Any) -> bool:
    connection.sendall(HEAD + FIRST)
    time.sleep(1.0)
    return False


@pytest.mark.parametrize(
    "script",
    [
        cutting(HEAD + FIRST),
        cutting(HEAD + FIRST + b"zz\r\nnot a chunk"),
        cutting(HEAD + FIRST + chunk(b'data: {"broken\n\n') + b"0\r\n\r\n"),
        cutting(HEAD + FIRST + chunk(b'data: {"error": {"message": "overloaded"}}\n\n') + b"0\r\n\r\n"),
        cutting(HEAD + chunk(b"data: null\n\n") + b"0\r\n\r\n"),
        cutting(HEAD + chunk(b"data: [1]\n\n") + b"0\r\n\r\n"),
        cutting(HEAD + chunk(b'data: {"choices": null}\n\n') + b"0\r\n\r\n"),
        cutting(HEAD + chunk(b"data: \xff\xfe\n\n") + b"0\r\n\r\n"),
        cutting(HEAD + event('{"index":0,"delta":null,"finish_reason":null}') + b"0\r\n\r\n"),
        reset_after_a_piece,
        stall_after_a_piece,
    ],
)
def test_a_stream_that_breaks_is_an_error(script: Any) -> None:
    with raw_server(script) as server:
        server_of: RawServer = server
        with pytest.raises(ModelError):
            list(ChatModel(MODEL, "sk-test", f"{server_of.url}/v1").stream(PROMPT))


def test_an_error_tells_no_secret(model: ModelServer) -> None:
    model.always = "500"
    with pytest.raises(ModelError) as raised:
        list(chat(model).stream(PROMPT))
    assert str(raised.value) == "InternalServerError 500"


# The budget


def test_a_limit_of_nothing_is_no_limit_and_keeps_no_file(tmp_path: Path) -> None:
    budget = TokenBudget(tmp_path / "tokens.sqlite3", 0)
    budget.spend("x" * 10**6)
    assert budget.left()
    assert list(tmp_path.iterdir()) == []


def test_tokens_add_up_to_the_limit_for_everyone_who_shares_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "tokens.sqlite3"
    one, other = TokenBudget(path, 100), TokenBudget(path, 100)
    one.spend("x" * 100, "y" * 100)  # 51
    assert other.left()
    other.spend("x" * 192)  # 49
    assert not one.left()
    assert TokenBudget(path, 101).left()


def test_the_budget_is_a_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        days = 0

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2031, 3, 4, 23, 59, tzinfo=tz) + timedelta(days=cls.days)

    monkeypatch.setattr(module, "datetime", Clock)
    budget = TokenBudget(tmp_path / "tokens.sqlite3", 10)
    budget.spend("x" * 40)
    assert not budget.left()
    Clock.days = 1
    assert budget.left()
    with closing(sqlite3.connect(tmp_path / "tokens.sqlite3")) as connection:
        rows = connection.execute("SELECT day, spent FROM tokens ORDER BY day").fetchall()
    assert rows == [("2031-03-04", 11), ("2031-03-05", 0)]


# The writer


class Script:
    """A model that writes the given texts one after the other, in small pieces."""

    name = "scripted"

    def __init__(self, *texts: str | ModelError, size: int = 3) -> None:
        self._texts = list(texts)
        self._size = size
        self.reminders: list[str] = []

    def stream(self, prompt: Prompt, reminder: str = "", deadline: float = 0.0) -> Iterator[str]:
        self.reminders.append(reminder)
        text = self._texts.pop(0)
        if isinstance(text, ModelError):
            raise text
        for at in range(0, len(text), self._size):
            yield text[at : at + self._size]


class Purse:
    """A budget for so many calls."""

    def __init__(self, calls: int = 10) -> None:
        self.calls = calls
        self.spent: list[tuple[str, ...]] = []

    def left(self) -> bool:
        return self.calls > 0

    def spend(self, *texts: str) -> None:
        self.calls -= 1
        self.spent.append(texts)


def write(model: Any, budget: Any = None, on_text: Callable[[str], None] = lambda _: None) -> WrittenAnswer:
    return AnswerWriter(model, budget or Purse()).write(PROMPT, GROUNDING, len(CITED), on_text)


def test_grounded_prose_is_the_answer(model: ModelServer) -> None:
    assert write(chat(model)) == WrittenAnswer(GROUNDED)
    assert len(model.requests) == 1


def test_ungrounded_prose_is_asked_for_once_more_with_the_offenders_named(model: ModelServer) -> None:
    texts = iter([INVENTED, GROUNDED])
    model.writer = lambda _: next(texts)
    assert write(chat(model)) == WrittenAnswer(GROUNDED)
    first, second = (request["messages"][1]["content"] for request in model.requests)
    assert second == (
        f"{first}\n\nYour answer had what no cited story holds, or lacked a mark: $987000000, Globex. "
        "Answer again without it, with a mark such as [1] in every paragraph."
    )


def test_prose_that_stays_ungrounded_is_not_served(model: ModelServer) -> None:
    model.writer = lambda _: INVENTED
    assert write(chat(model)) == WrittenAnswer("", DegradedReason.UNGROUNDED)
    assert len(model.requests) == 2


@pytest.mark.parametrize("fault", ["429", "500", "hang", "garbage", "not-json", "drop", "refusal", "filtered"])
def test_without_the_model_there_is_no_text(model: ModelServer, fault: str) -> None:
    model.always = fault
    assert write(chat(model)) == WrittenAnswer("", DegradedReason.MODEL_DOWN)


def test_an_empty_answer_is_no_answer(model: ModelServer) -> None:
    model.always = "empty"
    assert write(chat(model)) == WrittenAnswer("", DegradedReason.MODEL_DOWN)
    assert write(Script("![](https://evil.example/x.png) <b>")) == WrittenAnswer("", DegradedReason.MODEL_DOWN)


def test_a_model_that_is_down_at_the_second_try_is_down() -> None:
    assert write(Script(INVENTED, ModelError("late"))) == WrittenAnswer("", DegradedReason.MODEL_DOWN)


class CutShort(Script):
    """Runs out of room after its text."""

    def stream(self, prompt: Prompt, reminder: str = "", deadline: float = 0.0) -> Iterator[str]:
        yield from super().stream(prompt, reminder, deadline)
        raise OutputTruncated("too long")


@pytest.mark.parametrize(
    ("text", "served"),
    [
        ("It was 40% faster. [1] It saved $4", "It was 40% faster. [1]"),
        ("It was 40% faster [1]. It", "It was 40% faster [1]."),
        ("It was 40% faster [1].", ""),  # nobody knows whether this is the end of a sentence
    ],
)
def test_an_answer_that_ran_out_of_room_ends_with_a_whole_sentence(text: str, served: str) -> None:
    assert write(CutShort(text)) == WrittenAnswer(served, DegradedReason.NO if served else DegradedReason.MODEL_DOWN)


def test_money_is_no_formula_on_the_page() -> None:
    assert write(Script("It saved $450,000 [1].")).text == r"It saved \$450,000 [1]."


def test_what_a_model_wants_rendered_is_not(model: ModelServer) -> None:
    model.writer = obeying_prose
    served = write(chat(model)).text
    assert "Payments is the closest match [1]." in served
    for mischief in ("evil", "http", "<", "](", "[9]", "www"):
        assert mischief not in served


def test_without_budget_nothing_is_asked() -> None:
    model = Script(GROUNDED)
    assert write(model, Purse(0)) == WrittenAnswer("", DegradedReason.BUDGET)
    assert model.reminders == []


def test_the_budget_may_run_out_between_the_tries() -> None:
    model = Script(INVENTED, GROUNDED)
    purse = Purse(1)
    assert write(model, purse) == WrittenAnswer("", DegradedReason.BUDGET)
    assert purse.spent == [(PROMPT.system, PROMPT.user, INVENTED)]


def test_each_try_is_spent_on_whatever_came_of_it(tmp_path: Path) -> None:
    path = tmp_path / "tokens.sqlite3"
    assert write(Script(INVENTED, GROUNDED), TokenBudget(path, 10**6)).text == GROUNDED
    once = (len(PROMPT.system) + len(PROMPT.user)) // 4
    with closing(sqlite3.connect(path)) as connection:
        (spent,) = connection.execute("SELECT spent FROM tokens").fetchone()
    assert 2 * once < spent < 2 * once + 100


# What is shown while the model writes


def test_text_is_shown_sentence_by_sentence() -> None:
    shown: list[str] = []
    write(Script("It was 40% faster [1]. It took 3 months! Why? Because [2]."), on_text=shown.append)
    assert shown == [
        r"It was 40% faster [1].",
        r"It was 40% faster [1]. It took 3 months\!",
        r"It was 40% faster [1]. It took 3 months\! Why?",
        r"It was 40% faster [1]. It took 3 months\! Why? Because [2].",
    ]


def test_nothing_after_an_invented_figure_is_shown() -> None:
    shown: list[str] = []
    texts = ("Well. It was 41% faster [1]. It took 3 months.", "Well. It was 40% faster [1].")
    assert write(Script(*texts), on_text=shown.append).text == "Well. It was 40% faster [1]."
    assert shown == ["Well. It was 40% faster [1]."]


def test_a_model_that_fails_midway_has_shown_whole_sentences_alone() -> None:
    class Failing(Script):
        def stream(self, prompt: Prompt, reminder: str = "", deadline: float = 0.0) -> Iterator[str]:
            yield from super().stream(prompt, reminder, deadline)
            raise ModelError("cut off")

    shown: list[str] = []
    assert write(Failing("One [1]. It saved $9"), on_text=shown.append) == WrittenAnswer(
        "One [1].", DegradedReason.PARTLY
    )
    assert shown == ["One [1]."]


SENTENCES = (
    "It was 40% faster [1].",
    "It was 41% faster [1].",
    "It saved $450,000!",
    "It saved $1.2 billion.",
    "For Globex?",
    "At Acme Bank. [1]",
    "Plain words [9].",
    "See [here](https://evil.example).",
    "e.g. this.",
    "![x](https://evil.example)",
    "No end",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), max_size=6).map(" ".join)


@given(TEXTS, TEXTS, st.integers(1, 9))
def test_only_grounded_text_is_ever_shown_or_served(first: str, second: str, size: int) -> None:
    shown: list[str] = []
    written = write(Script(first, second, size=size), on_text=shown.append)
    for text in [*shown, written.text]:
        assert GROUNDING.offenders(text) == []
        assert not re.search(r"evil|\[9\]|41%|1\.2|Globex", text)
    wholes = {as_markdown(plain(text, 2)) for text in (first, second)}
    ends = (".", "!", "?", "]")
    assert all(text in wholes or text == "" or text.endswith(ends) for text in shown)
    grounded = [text for text in (first, second) if GROUNDING.review(plain(text, 2)).is_grounded]
    if written.degraded is DegradedReason.NO:
        assert written.text == as_markdown(plain(grounded[0], 2))
    else:
        assert bool(written.text) == (written.degraded is DegradedReason.PARTLY)
        assert not written.text or any(whole.startswith(written.text) for whole in wholes)
