"""The search functions as Lambda calls them, over real tables and a bucket."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.problem import Problem
from contracts.search import SearchResult
from contracts.story import Story
from lambdas.common import live_version
from lambdas.search import service
from lambdas.search.functions import hybrid, keyword, semantic
from tests.support.builders.api_events import recorded
from tests.support.builders.search_corpora import WordEmbedder
from tests.support.stacks.search import FakeSearchStack, forget_process_state, new_search_stack

FUNCTIONS = (semantic, keyword, hybrid)
STORIES = (
    Story(id="a|acme", title="payments engine", client="Acme", industry="Banking"),
    Story(id="b|zürich", title="grid maps 😀", client="Zürich", industry="Energy"),
)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeSearchStack]:
    made = new_search_stack()
    for name, value in {**made.environment(), "SNAPSHOT_FOLDER": str(tmp_path / "indexes")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 0.0)
    monkeypatch.setattr(service, "query_embedder", lambda _: WordEmbedder())
    forget_process_state()
    yield made
    forget_process_state()


def call(function: Any, body: Any, **headers: str) -> dict[str, Any]:
    event = recorded(
        "post_json",
        body=body if isinstance(body, str) else json.dumps(body),
        multiValueHeaders={name: [value] for name, value in headers.items()},
    )
    response: dict[str, Any] = function.handler(event, None)
    return response


def found(function: Any, **body: Any) -> SearchResult:
    response = call(function, body)
    assert response["statusCode"] == 200, response["body"]
    return SearchResult.model_validate_json(response["body"])


def problem(response: dict[str, Any]) -> Problem:
    assert response["headers"]["Content-Type"] == "application/problem+json"
    return Problem.model_validate_json(response["body"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_answer_has_corpus_and_code_version(stack: FakeSearchStack, function: Any) -> None:
    report = stack.ingest(*STORIES)
    answer = found(function, query="payments engine", filters={"industries": ["Banking"]})
    assert (answer.corpus_version, answer.code_version) == (report.corpus_version, "test")
    assert [hit.card.id for hit in answer.hits] == ["a|acme"]


def test_text_of_any_script_round_trips(stack: FakeSearchStack) -> None:
    stack.ingest(*STORIES)
    assert found(keyword, query="grid 😀").hits[0].card.title == "grid maps 😀"


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "  "}, "query"),
        ({"query": "x" * 501}, "query"),
        ({"query": "a\u0007b"}, "query"),
        ('{"query": "half \\ud800"}', "query"),
        ('{"query": "x", "filters": {"clients": ["\\udfff"]}}', "filters.clients.0"),
        ({"query": 7}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 10**30}, "limit"),
        ({"query": "x", "offset": -1}, "offset"),
        ({"query": "x", "filters": {"colours": ["red"]}}, "filters.colours"),
        ({"query": "x", "filters": {"clients": ["c"] * 51}}, "filters.clients"),
        ({"query": "x", "qeury": "y"}, "qeury"),
    ],
)
def test_a_bad_field_is_named(stack: FakeSearchStack, function: Any, body: Any, field: str) -> None:
    response = call(function, body)
    assert response["statusCode"] == 422
    assert [error.path for error in problem(response).errors] == [field]


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, '{"query": "\\ud80"}', "nonsense"])
def test_broken_json_is_a_bad_request(stack: FakeSearchStack, body: str) -> None:
    assert problem(call(hybrid, body)).status == 400


@pytest.mark.parametrize("function", FUNCTIONS)
def test_search_is_unavailable_before_the_first_ingest(stack: FakeSearchStack, function: Any) -> None:
    response = call(function, {"query": "payments"})
    assert response["statusCode"] == 503
    assert response["headers"]["Retry-After"]
    assert stack.bucket not in response["body"]


@pytest.mark.parametrize("damage", ["gone", "corrupt"])
def test_a_lost_or_damaged_index_is_unavailable(stack: FakeSearchStack, damage: str) -> None:
    key = stack.ingest(*STORIES).index_key
    if damage == "gone":
        stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    else:
        stack.s3.put_object(Bucket=stack.bucket, Key=key, Body=b"rubbish")
    assert problem(call(hybrid, {"query": "payments"})).status == 503


def test_a_new_corpus_is_served_and_a_broken_one_is_not(stack: FakeSearchStack) -> None:
    stack.ingest(*STORIES)
    assert found(keyword, query="turbines").total == 0
    second = stack.ingest(*STORIES, Story(id="c", title="wind turbines"))
    assert found(keyword, query="turbines").corpus_version == second.corpus_version

    third = stack.ingest(Story(id="d", title="tides"))
    stack.s3.put_object(Bucket=stack.bucket, Key=third.index_key, Body=b"rubbish")
    assert found(keyword, query="turbines").corpus_version == second.corpus_version


def test_an_index_of_another_embedder_is_searched_by_keywords(
    stack: FakeSearchStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stack.ingest(*STORIES)
    other = WordEmbedder()
    other.name = "other-embedder"
    monkeypatch.setattr(service, "query_embedder", lambda _: other)

    degraded = found(hybrid, query="payments")

    assert [hit.card.id for hit in degraded.hits] == ["a|acme"]
    assert (degraded.degraded, found(keyword, query="payments").degraded) == ("keyword", None)


def test_a_preflight_is_answered(stack: FakeSearchStack) -> None:
    response = hybrid.handler(recorded("post_json", httpMethod="OPTIONS"), None)
    assert response["statusCode"] == 204
