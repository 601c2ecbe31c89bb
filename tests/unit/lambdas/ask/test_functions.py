"""The ask functions as Lambda calls them: events in, responses out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from contracts.ask import Answer, Reranked
from contracts.conversations import MAX_TURN_BYTES, AppendAck, DeleteResult, FeedbackAck, History
from contracts.problem import Problem
from contracts.role_match import RoleMatch
from contracts.story import Story
from lambdas.ask.answers import answer_writer
from lambdas.ask.conversations import store
from lambdas.ask.export import job
from lambdas.ask.functions import (
    export,
    feedback,
    generate,
    history_append,
    history_forget,
    history_read,
    match,
    rerank,
)
from tests.support.builders.api_events import recorded
from tests.support.servers.model_server import running_model
from tests.support.stacks.ask import SESSION, FakeAskStack, forget_process_state, new_ask_stack, turn
from tests.support.stacks.ask_apis import FakeApis, running_apis

QUESTION = {"question": "payments?", "session_id": SESSION, "turn_id": "turn-00000001"}
VERDICT = {"session_id": SESSION, "turn_id": "turn-unknown", "helpful": True}
CORPUS = (Story(id="a|x", title="Payments", client="Acme", result=("40% faster",)), Story(id="b", title="Cards"))


@pytest.fixture
def apis() -> Iterator[FakeApis]:
    with running_apis(CORPUS) as running:
        yield running


@pytest.fixture
def stack(apis: FakeApis, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAskStack]:
    made = new_ask_stack()
    addresses = {"SEARCH_BASE_URL": f"{apis.url}/", "STORIES_BASE_URL": apis.url, "OPENAI_API_KEY": ""}
    for name, value in {**made.environment(), **addresses}.items():
        monkeypatch.setenv(name, value)
    for module in (store, job, answer_writer):
        monkeypatch.setattr(module, "dynamodb_client", lambda: made.dynamodb)
    monkeypatch.setattr(job, "s3_client", lambda: made.s3)
    forget_process_state()
    yield made
    forget_process_state()


def call(
    function: ModuleType, body: Any = None, headers: dict[str, str] | None = None, method: str = "POST", **query: str
) -> tuple[int, Any, dict[str, str]]:
    event = recorded(
        "stories_list",
        httpMethod=method,
        headers=None,
        multiValueHeaders={name: [value] for name, value in (headers or {}).items()} or None,
        queryStringParameters=None,
        multiValueQueryStringParameters={name: [value] for name, value in query.items()} or None,
        body=body if body is None or isinstance(body, str) else json.dumps(body),
    )
    response = function.handler(event, None)
    content = json.loads(response["body"]) if response["body"] else None
    return response["statusCode"], content, response["headers"]


def test_a_conversation_from_its_first_question_to_its_end(stack: FakeAskStack) -> None:
    status, body, headers = call(generate, QUESTION, {"X-Request-Id": "req-7"})
    answer = Answer.model_validate(body)
    assert (status, headers["X-Request-Id"], headers["Cache-Control"]) == (200, "req-7", "no-store")
    assert [source.id for source in answer.sources] == ["a|x"]  # nothing in "b" is about payments
    kept = turn(1, answer=answer.answer, modes=answer.modes, sources=answer.sources).model_dump(mode="json")
    assert AppendAck.model_validate(call(history_append, kept)[1]).created
    page = History.model_validate(call(history_read, method="GET", session_id=SESSION, limit="5")[1])
    assert [found.model_dump(mode="json") for found in page.turns] == [kept]
    verdict = {"session_id": SESSION, "turn_id": kept["turn_id"], "helpful": True}
    assert FeedbackAck.model_validate(call(feedback, verdict)[1]).turn_id == kept["turn_id"]
    assert DeleteResult.model_validate(call(history_forget, method="DELETE", session_id=SESSION)[1]).turns == 1
    assert {item["pk"]["S"] for item in stack.items()} == {"forgotten"}


def test_rerank(stack: FakeAskStack) -> None:
    candidates = [{"id": "b", "score": 0.9}, {"id": "a|x", "score": 0.1}]
    status, body, _ = call(rerank, {"question": "payments", "candidates": candidates})
    assert (status, [story.id for story in Reranked.model_validate(body).ranked]) == (200, ["b", "a|x"])


def test_match(stack: FakeAskStack) -> None:
    """A story's sentence shows what is named; what no story names is shown by none."""
    points = "Requirements\n- 40% faster payments\n- Rust\nNice to have\n- Excellent communication\n"
    status, body, _ = call(match, {"description": points + "word " * 30})
    found = RoleMatch.model_validate(body)
    assert status == 200
    texts = [(one.text, one.is_required) for one in found.requirements]
    assert texts[:2] == [("40% faster payments", True), ("Rust", True)]
    assert found.requirements[1].evidence == ()


@pytest.mark.parametrize(
    ("function", "body", "status", "path"),
    [
        (match, {"description": "too short"}, 422, "description"),
        (match, {"description": "word " * 3001}, 422, "description"),
        (generate, "{", 400, "body"),
        (generate, {**QUESTION, "question": ""}, 422, "question"),
        (generate, {**QUESTION, "question": " \n "}, 422, "question"),
        (generate, {**QUESTION, "question": "x" * 2001}, 422, "question"),
        (generate, {**QUESTION, "question": "\x00"}, 422, "question"),
        (generate, {**QUESTION, "session_id": "short"}, 422, "session_id"),
        (generate, {**QUESTION, "mode": "poem"}, 422, "mode"),
        (generate, {**QUESTION, "filters": {"limit": 1}}, 422, "filters.limit"),
        (generate, {**QUESTION, "story_id": "nobody's"}, 404, None),
        (rerank, {"question": "q", "candidates": []}, 422, "candidates"),
        (rerank, {"question": "q", "candidates": [{"id": "x", "score": 1}]}, 422, "candidates"),
        *(
            (rerank, {"question": "q", "candidates": [{"id": bad, "score": 1}]}, 422, "candidates.0.id")
            for bad in ("", "\x00", "\ud800", "x" * 1001, 1)
        ),
        (rerank, {"question": "q", "candidates": [{"id": "x", "score": True}]}, 422, "candidates.0.score"),
        (generate, {**QUESTION, "from_suggestion": 0}, 422, "from_suggestion"),
        (history_append, {**turn().model_dump(mode="json"), "asked_at": -1}, 422, "asked_at"),
        (history_append, {**turn().model_dump(mode="json"), "answer": "x" * (MAX_TURN_BYTES + 1)}, 422, "answer"),
        (history_append, {**turn().model_dump(mode="json"), "modes": {"narrative": "x" * 200_000}}, 413, None),
        (history_append, {**turn().model_dump(mode="json"), "modes": {"narrative": "x" * 300_000}}, 413, None),
        (feedback, VERDICT, 404, None),
        (feedback, {**VERDICT, "comment": "x" * 1001}, 422, "comment"),
    ],
)  # fmt: skip
def test_a_bad_request_is_told_what_is_bad(
    stack: FakeAskStack, function: ModuleType, body: Any, status: int, path: str | None
) -> None:
    found, content, headers = call(function, body)
    problem = Problem.model_validate(content)
    assert (found, [error.path for error in problem.errors]) == (status, [path] if path else [])
    assert headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "path"),
    [({}, "session_id"), ({"session_id": SESSION, "limit": "101"}, "limit"), ({"session_id": "a b"}, "session_id")],
)
def test_a_bad_page_is_told_what_is_bad(stack: FakeAskStack, query: dict[str, str], path: str) -> None:
    status, content, _ = call(history_read, method="GET", **query)
    assert (status, content["errors"][0]["path"]) == (422, path)


def test_other_content_is_a_conflict(stack: FakeAskStack) -> None:
    call(history_append, turn().model_dump(mode="json"))
    status, content, _ = call(history_append, turn(1, answer="other").model_dump(mode="json"))
    assert (status, content["detail"]) == (409, "turn already kept with other content")


@pytest.mark.parametrize("down", ["search", "stories"])
def test_a_domain_that_is_down_is_a_503_that_names_it(stack: FakeAskStack, apis: FakeApis, down: str) -> None:
    setattr(apis, f"{down}_fault", "500")
    status, content, headers = call(generate, QUESTION)
    assert (status, headers["Retry-After"]) == (503, "1")
    assert content["detail"] == f"The {down} service is not available; try again in a moment."
    assert apis.url not in json.dumps(content)


def test_a_lost_table_is_a_503(stack: FakeAskStack) -> None:
    stack.dynamodb.update_table(TableName=stack.table, DeletionProtectionEnabled=False)
    stack.dynamodb.delete_table(TableName=stack.table)
    for function, body in ((generate, QUESTION), (history_append, turn().model_dump(mode="json"))):
        status, content, _ = call(function, body)
        assert (status, stack.table in json.dumps(content)) == (503, False)


@pytest.mark.parametrize(
    ("function", "body", "method", "query"),
    [
        (history_append, turn().model_dump(mode="json"), "POST", {}),
        (history_forget, None, "DELETE", {"session_id": SESSION}),
        (feedback, {"session_id": SESSION, "turn_id": turn(2).turn_id, "helpful": True}, "POST", {}),
    ],
)
def test_a_shadow_call_cannot_write(
    stack: FakeAskStack, function: ModuleType, body: Any, method: str, query: dict[str, str]
) -> None:
    call(history_append, turn(2).model_dump(mode="json"))
    before = stack.items()
    status, content, _ = call(function, body, {"X-Shadow": "1"}, method, **query)
    assert (status, content["errors"][0]["path"]) == (422, "X-Shadow")
    assert stack.items() == before


def test_the_model_of_the_environment_writes(stack: FakeAskStack, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_model() as model:
        for name, value in {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": model.url, "LLM_DAILY_TOKENS": "9999"}.items():
            monkeypatch.setenv(name, value)
        forget_process_state()
        answer = Answer.model_validate(call(generate, QUESTION)[1])
        assert (answer.trace.model, answer.degraded) == ("gpt-4o-mini", "")
        assert call(generate, QUESTION, {"X-Shadow": "1"})[1]["trace"]["model"] == "extractive"
        assert [request["model"] for request in model.requests] == ["gpt-4o-mini"]
        assert [item["pk"]["S"].split("#")[0] for item in stack.items()] == ["tokens"]


def test_the_export_function_reports(stack: FakeAskStack) -> None:
    call(history_append, turn().model_dump(mode="json"))
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)
    assert export.handler({}, context) == {
        "parts": 0,
        "sessions": 0,
        "turns": 0,
        "rewritten": 0,
        "finished": True,
    }


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_browser_is_told_every_method_of_the_history(
    stack: FakeAskStack, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://site.example")
    forget_process_state()
    headers = {"Origin": "https://site.example", "Access-Control-Request-Method": method}
    status, _, answered = call(history_read, None, headers, "OPTIONS")
    assert status == 204
    assert method in answered["Access-Control-Allow-Methods"].split(",")


@pytest.mark.parametrize(
    "function",
    ["generate", "rerank", "match", "history_read", "history_append", "history_forget", "feedback", "export"],
)
def test_a_function_loads_nothing_that_it_may_not_need(function: str) -> None:
    show = f"import sys, lambdas.ask.functions.{function}; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "numpy", "openai", "tenacity", "httpx2"}.intersection(loaded)
    if function not in ("generate", "rerank", "match"):
        assert not {"lambdas.common.http.service_client", "contracts.rules.figures"}.intersection(loaded)
