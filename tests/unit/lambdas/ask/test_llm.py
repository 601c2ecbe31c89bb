"""Answers that a model writes, through the real SDK: grounded, in time, within budget, or not at all."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from contracts.ask import Answer, AnswerMode, AskRequest, DegradedReason
from contracts.story import Story
from lambdas.ask.answers import answer_writer
from lambdas.common.http.problems import DependencyDown
from lambdas.common.http.service_client import CallContext
from lambdas.common.models import llm
from lambdas.common.models.llm import ChatModel, ModelDown, ModelSettings, chat_model, model_settings
from tests.support.faults.aws_clients import PatchedClient, client_error
from tests.support.servers.model_server import (
    MODEL,
    ModelServer,
    grounded_prose,
    obeying_prose,
    running_model,
)
from tests.support.servers.provider_replies import says, without
from tests.support.servers.raw_server import raw_server, trickling
from tests.support.stacks.ask import SESSION, FakeAskStack, new_ask_stack, turn
from tests.support.stacks.ask_apis import FakeApis, running_apis

CALLER = CallContext("request-1")
CORPUS = (
    Story(id="a", title="Payments", client="Acme Bank", result=("40% faster in 3 months",), start_date="2019-03"),
    Story(id="b", title="Cards", client="Bolt", result=("saved $1.2 billion",)),
    Story(id="c", title="Cloud", client="Multiple Clients", result=("4x the volume",)),
    Story(id="d", title="Data", client="Dune Trust", result=("25 bps",)),
)


@pytest.fixture(scope="module")
def stack() -> FakeAskStack:
    return new_ask_stack()


@pytest.fixture
def apis() -> Iterator[FakeApis]:
    with running_apis(CORPUS) as running:
        running.only_hits = tuple((story.id, 0.9) for story in CORPUS[:3])
        yield running


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


def ask(stack: FakeAskStack, apis: FakeApis, model: ModelServer, daily: int | None = None, **fields: Any) -> Answer:
    caller = fields.pop("caller", CALLER)
    request = AskRequest(**{"question": "payments?", "session_id": SESSION, "turn_id": "turn-00000099", **fields})
    return stack.answers(apis, stack.author(apis, model, daily)).generate(request, caller)


def test_a_grounded_answer_is_the_models(stack: FakeAskStack, apis: FakeApis, model: ModelServer) -> None:
    answer = ask(stack, apis, model)
    assert answer.answer == "Payments is the closest match [1]. 40% faster in 3 months"
    assert (answer.trace.model, answer.degraded) == (MODEL, DegradedReason.NO)
    assert answer.modes.narrative != answer.answer
    assert len(answer.sources) == 3


def test_the_model_gets_rules_and_stories_apart(stack: FakeAskStack, apis: FakeApis, model: ModelServer) -> None:
    ask(stack, apis, model)
    (request,) = model.requests
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert (request["model"], request["temperature"], request["max_completion_tokens"]) == (MODEL, 0.2, 500)
    assert model.keys == ["sk-test"]


def test_a_provider_that_does_not_say_what_streams_cost_is_asked_without(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer
) -> None:
    model.respond = without("stream_options", then=says("He was 40% faster [1]."))
    assert ask(stack, apis, model).trace.model == MODEL
    assert [set(request) & {"stream", "stream_options"} for request in model.requests] == [
        {"stream", "stream_options"},
        {"stream"},
    ]


@pytest.mark.parametrize("mode", [AnswerMode.KEY_POINTS, AnswerMode.DEEP_DIVE])
def test_other_modes_need_no_model(stack: FakeAskStack, apis: FakeApis, model: ModelServer, mode: AnswerMode) -> None:
    answer = ask(stack, apis, model, mode=mode)
    assert (answer.trace.model, answer.degraded, model.requests) == ("extractive", DegradedReason.NO, [])


def test_a_shadow_call_spends_nothing_and_has_the_same_prompt(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer
) -> None:
    shadow = ask(stack, apis, model, daily=10**6, caller=CallContext("r", shadow=True))
    assert model.requests == []
    live = ask(stack, apis, model)
    assert shadow.trace.model_copy(update={"model": MODEL}) == live.trace
    assert (shadow.modes, shadow.answer, shadow.degraded) == (live.modes, live.modes.narrative, DegradedReason.NO)
    assert stack.items() == []


def test_an_ungrounded_answer_is_asked_for_once_more(stack: FakeAskStack, apis: FakeApis, model: ModelServer) -> None:
    claims = iter(["He saved $987 million for Dune Trust [1].", "He was 40% faster [1]."])
    model.writer = lambda _: next(claims)
    answer = ask(stack, apis, model)
    assert (answer.answer, answer.degraded) == ("He was 40% faster [1].", DegradedReason.NO)
    first, second = (request["messages"][1]["content"] for request in model.requests)
    assert second == (
        f"{first}\n\nYour answer had what no cited story holds, or lacked a mark: $987000000, Dune Trust. "
        "Answer again without it, with a mark such as [1] in every paragraph."
    )


def test_an_answer_that_stays_ungrounded_is_told_in_the_stories_words(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer
) -> None:
    model.writer = lambda _: "He saved $987 million [1]."
    answer = ask(stack, apis, model)
    assert (answer.answer, answer.trace.model) == (answer.modes.narrative, "extractive")
    assert (answer.degraded, len(model.requests)) == (DegradedReason.UNGROUNDED, 2)


def test_what_a_model_wants_rendered_is_not(stack: FakeAskStack, apis: FakeApis, model: ModelServer) -> None:
    model.writer = obeying_prose
    answer = ask(stack, apis, model)
    assert answer.trace.model == MODEL
    for mischief in ("evil", "http", "<", "](", "[9]", "www"):
        assert mischief not in answer.answer
    assert answer.degraded is DegradedReason.PARTLY  # its second paragraph cites nothing


@pytest.mark.parametrize("fault", ["429", "500", "drop"])
def test_the_sdk_tries_again(stack: FakeAskStack, apis: FakeApis, model: ModelServer, fault: str) -> None:
    model.script.append(fault)
    assert ask(stack, apis, model).trace.model == MODEL
    assert len(model.requests) == 2


@pytest.mark.parametrize(
    "fault", ["429", "500", "garbage", "not-json", "cut", "drop", "refusal", "empty", "filtered", "hang", "drip"]
)
def test_without_the_model_the_stories_speak(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_writer, "MODEL_SECONDS", 1.0 if fault in ("hang", "drip") else 5.0)
    model.always = fault
    started = time.monotonic()
    answer = ask(stack, apis, model)
    assert time.monotonic() - started < 5.0
    assert (answer.answer, answer.trace.model) == (answer.modes.narrative, "extractive")
    assert answer.degraded is DegradedReason.MODEL_DOWN


def test_a_server_cannot_make_the_answer_wait(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_writer, "MODEL_SECONDS", 1.0)
    model.always, model.retry_after = "429", "60"
    started = time.monotonic()
    assert ask(stack, apis, model).degraded is DegradedReason.MODEL_DOWN
    assert time.monotonic() - started < 3.0


def test_an_answer_that_was_cut_off_ends_with_a_whole_sentence(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer
) -> None:
    model.always = "length"
    assert ask(stack, apis, model).answer == "Payments is the closest match [1]."


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("He did it. [1] Then he le", "He did it. [1]"),
        ("He did it! [1][2] It cost $40.", "He did it! [1][2]"),
        ("He did it [1]. Why? Be", "He did it [1]. Why?"),
    ],
)
def test_a_sentence_that_stays_keeps_its_marks(
    stack: FakeAskStack, apis: FakeApis, model: ModelServer, written: str, served: str
) -> None:
    model.always, model.writer = "length", lambda _: written
    assert ask(stack, apis, model).answer.replace("\\", "") == served


def test_no_server_at_all(stack: FakeAskStack, apis: FakeApis) -> None:
    assert ask(stack, apis, ModelServer(url="http://127.0.0.1:9/v1")).degraded is DegradedReason.MODEL_DOWN


def test_calls_left_behind_are_few() -> None:
    with raw_server(trickling(b"HTTP/1.1 200 OK\r\n", b"X-Wait: 1\r\n")) as server:
        chat = ChatModel("sk-test", f"{server.url}/v1", MODEL)
        for _ in range(llm._LEFT_BEHIND):
            with pytest.raises(ModelDown, match="Timeout"):
                chat.complete("s", "u", 0.5)
        with pytest.raises(ModelDown, match="earlier calls still hang"):
            chat.complete("s", "u", 0.5)
        with pytest.raises(ModelDown, match="no time left"):
            chat.complete("s", "u", 0.1)


def test_no_client_names_no_answer(stack: FakeAskStack, apis: FakeApis, model: ModelServer) -> None:
    service = stack.answers(apis, stack.author(apis, model))
    request = AskRequest(question="payments?", session_id=SESSION, turn_id="turn-00000099")
    service.generate(request.model_copy(update={"mode": AnswerMode.KEY_POINTS}), CALLER)
    apis.stories_fault = "500"
    with pytest.raises(DependencyDown, match="stories"):
        service.generate(request, CALLER)


def used(stack: FakeAskStack) -> int:
    return sum(int(item["used"]["N"]) for item in stack.items() if item["pk"]["S"].startswith("tokens#"))


def test_the_budget_counts_what_the_server_counted(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    ask(stack, apis, model, daily=10**6)
    assert used(stack) == sum(len(m["content"]) for m in model.requests[0]["messages"]) // 4 + 57 // 4
    assert [item["pk"]["S"] for item in stack.items()] == ["tokens#2023-11-14"]


def test_beyond_the_budget_the_stories_speak_until_the_next_day(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    spent = [ask(stack, apis, model, daily=500).degraded for _ in range(4)]
    assert spent[0] is DegradedReason.NO
    assert spent[-1] is DegradedReason.BUDGET
    assert sorted(spent) == spent
    assert len(model.requests) == spent.count(DegradedReason.NO)
    stack.clock.seconds += 24 * 3600
    assert ask(stack, apis, model, daily=500).degraded is DegradedReason.NO


def test_a_budget_of_nothing(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    assert ask(stack, apis, model, daily=0).degraded is DegradedReason.BUDGET
    assert (model.requests, used(stack)) == ([], 0)


def test_a_model_that_is_down_costs_nothing(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    model.always = "garbage"
    ask(stack, apis, model, daily=10**6)
    assert used(stack) == 0


def test_a_budget_that_cannot_be_settled_holds_no_answer_back(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    calls = []

    def failing_second(real: Any, **request: Any) -> Any:
        calls.append(request)
        if len(calls) == 2:
            raise client_error("InternalServerError")
        return real(**request)

    stack.dynamodb = PatchedClient(stack.dynamodb, "update_item", failing_second)
    assert ask(stack, apis, model, daily=10**6).trace.model == MODEL
    assert len(calls) == 2


def test_history_is_remembered_in_the_prompt(apis: FakeApis, model: ModelServer) -> None:
    stack = new_ask_stack()
    stack.kept.append(turn(1, question="Which cards?", answer="These. [1]"))
    ask(stack, apis, model, question="and payments?")
    assert "Q: Which cards?\nA: These. [1]\n\nQuestion: and payments?" in model.requests[0]["messages"][1]["content"]


def test_grounded_prose_of_the_stand_in_is_grounded() -> None:
    prompt = [{"role": "user", "content": "Title: T\nResult: 40%"}]
    assert grounded_prose(prompt) == "T is the closest match [1]. 40%"


@pytest.mark.parametrize(("fault", "whole"), [("", True), ("cut", False), ("drip", True)])
def test_the_stand_in_streams_to_the_sdk(model: ModelServer, fault: str, whole: bool) -> None:
    model.always, model.hang_seconds = fault, 0.2
    client = OpenAI(api_key="sk-test", base_url=model.url, max_retries=0)
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Title: T\nResult: 40% faster"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert (text == "T is the closest match [1]. 40% faster") == whole
    assert any(chunk.usage for chunk in chunks) == whole


def test_settings_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_CHAT_MODEL", "LLM_DAILY_TOKENS"):
        monkeypatch.setenv(name, "")
    model_settings.cache_clear()
    assert chat_model() is None
    unset = ModelSettings()
    assert (unset.openai_chat_model, unset.llm_daily_tokens) == ("gpt-4o-mini", None)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_CHAT_MODEL", "other")
    monkeypatch.setenv("LLM_DAILY_TOKENS", "1000")
    model_settings.cache_clear()
    made = chat_model()
    assert made is not None
    assert made.name == "other"
    assert model_settings().llm_daily_tokens == 1000
    assert "sk-secret" not in repr(model_settings())
    model_settings.cache_clear()
