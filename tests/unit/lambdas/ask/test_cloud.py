"""The ask stack in the local cloud: real processes behind a gateway, killed while they write."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from contracts.ask import Answer
from contracts.conversations import DeleteResult, History
from contracts.story import Story
from lambdas.local.launcher import Cloud, running_cloud
from tests.support.stacks.ask import SESSION, TEMPLATE, turn
from tests.support.stacks.ask_apis import FakeApis, running_apis

CORPUS = (Story(id="a|ä/x", title="Payments", client="Acme", result=("40% faster",)), Story(id="b", title="Cards"))


@pytest.fixture(scope="module")
def apis() -> Iterator[FakeApis]:
    with running_apis(CORPUS) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(apis: FakeApis) -> Iterator[Cloud]:
    addresses = {"SearchBaseUrl": apis.url, "StoriesBaseUrl": apis.url}
    with running_cloud([TEMPLATE], parameters=addresses, options=["--concurrency", "2"]) as running:
        yield running


def call(cloud: Cloud, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    sent = {"x-api-key": cloud.key_of("ask"), **{name.replace("_", "-"): value for name, value in headers.items()}}
    content = None if body is None else json.dumps(body).encode()
    with closing(http.client.HTTPConnection(urlsplit(cloud.url).netloc, timeout=30)) as connection:
        connection.request(method, path, content, sent)
        response = connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None


def test_a_question_is_answered_with_the_callers_id_and_the_stacks_keys(cloud: Cloud, apis: FakeApis) -> None:
    question = {"question": "payments?", "session_id": SESSION, "turn_id": "turn-00000001", "story_id": "a|ä/x"}
    status, body = call(cloud, "POST", "/api/ask/generate", question, X_Request_Id="req-1", X_Shadow="1")
    assert (status, [source.id for source in Answer.model_validate(body).sources]) == (200, ["a|ä/x"])
    for seen in apis.calls[-2:]:
        assert (seen.headers["x-request-id"], seen.headers["x-shadow"]) == ("req-1", "1")
        assert seen.headers["x-api-key"] == cloud.key_of("search" if "/search/" in seen.path else "stories")


def test_every_route_but_a_preflight_asks_for_the_key(cloud: Cloud) -> None:
    for method, path in (
        ("POST", "generate"),
        ("POST", "rerank"),
        ("POST", "match"),
        ("POST", "feedback"),
        ("DELETE", "history"),
    ):
        assert call(cloud, method, f"/api/ask/{path}", {}, x_api_key="wrong")[0] == 403
        assert call(cloud, "OPTIONS", f"/api/ask/{path}", x_api_key="")[0] == 204


def test_no_turn_is_lost_or_doubled_when_processes_are_killed_while_they_write(cloud: Cloud) -> None:
    for number in range(1, 25):
        kept = turn(number).model_dump(mode="json")
        killer = threading.Timer(number / 1000, cloud.kill, ["ask-AppendHistoryFunction"])
        if number % 4 == 0:  # a warm process, some milliseconds into its work
            killer.start()
        while call(cloud, "POST", "/api/ask/history", kept)[0] != 200:
            pass
        killer.cancel()
    page = History.model_validate(call(cloud, "GET", f"/api/ask/history?session_id={SESSION}&limit=100")[1])
    assert page.turns == tuple(turn(number) for number in range(1, 25))
    assert DeleteResult.model_validate(call(cloud, "DELETE", f"/api/ask/history?session_id={SESSION}")[1]).turns == 24


def test_the_export_can_be_run_by_hand(cloud: Cloud) -> None:
    assert cloud.invoke("ask-ExportFunction", {}) == {
        "parts": 0,
        "sessions": 0,
        "turns": 0,
        "rewritten": 0,
        "finished": True,
    }
