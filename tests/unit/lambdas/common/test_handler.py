"""The API wrapper: recorded gateway events in, proxy responses out."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from contracts.base import Contract
from contracts.problem import Problem
from contracts.stories import StoryRequest
from lambdas.common.http.handler import ApiRequest, JsonText, _settings, api_function
from lambdas.common.http.request import MAX_BODY_BYTES
from lambdas.common.observability import logger
from tests.support.builders.api_events import get_event, recorded

LISTED = "https://stories.example.com"
RECORDED_ID = "0d9c7a52-6f0e-4c0b-9a34-1f9f0a7d2b11"


class Query(Contract):
    clients: tuple[str, ...] = ()
    tags: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    sort: str = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    with_notes: bool | None = None


class Body(Contract):
    query: Annotated[str, Field(max_length=100)]
    limit: int = 10
    share: float = 0.5
    helpful: bool = True


class Seen(BaseModel):
    value: Any


@pytest.fixture(autouse=True)
def listed_origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ALLOWED_ORIGINS", f" {LISTED}, https://other.example.com,")
    _settings.cache_clear()
    yield
    _settings.cache_clear()


def respond(event: dict[str, Any], look: Callable[[ApiRequest], Any] = lambda _: None) -> dict[str, Any]:
    handler = api_function(methods="GET,POST", cache_control="max-age=5")(lambda request: Seen(value=look(request)))
    return handler(event, None)


def seen(event: dict[str, Any], look: Callable[[ApiRequest], Any]) -> Any:
    response = respond(event, look)
    assert response["statusCode"] == 200, response["body"]
    return json.loads(response["body"])["value"]


def problem(event: dict[str, Any], look: Callable[[ApiRequest], Any]) -> Problem:
    response = respond(event, look)
    assert response["headers"]["Content-Type"] == "application/problem+json"
    assert response["headers"]["Cache-Control"] == "no-store"
    found = Problem.model_validate_json(response["body"])
    assert found.status == response["statusCode"]
    assert found.request_id == response["headers"]["X-Request-Id"]
    return found


def test_repeated_keys_fill_tuples_and_the_last_value_fills_the_rest() -> None:
    assert seen(recorded("stories_list"), lambda r: r.query(Query).model_dump(mode="json")) == {
        "clients": ["Halvern National Bank", "Brightspan Payments"],
        "tags": ["payments"],
        "sort": "-start_date",
        "limit": 5,
        "with_notes": None,
    }


def test_single_values_alone_are_read_too() -> None:
    event = recorded("stories_list", multiValueQueryStringParameters=None)
    assert seen(event, lambda r: r.query(Query).clients) == ["Brightspan Payments"]


def test_no_query_string_means_the_defaults() -> None:
    event = recorded("stories_get")
    assert seen(event, lambda r: r.query(Query).limit) == 20


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ({"limt": "5"}, ["limt"]),
        ({"limit": "0"}, ["limit"]),
        ({"limit": "ten"}, ["limit"]),
        *(({"limit": text}, ["limit"]) for text in ("", "1.0", " 5", "+5", "1_0", "05", "true", "٣", "9" * 5000)),
        *(({"with_notes": text}, ["with_notes"]) for text in ("", "1", "yes", "True", "null")),
        ({"tags": ["a", "b", "c"]}, ["tags"]),
        ({"limit": "101", "colour": "red"}, ["limit", "colour"]),
    ],
)
def test_bad_parameters_are_named(query: dict[str, Any], paths: list[str]) -> None:
    found = problem(get_event(**query), lambda r: r.query(Query))
    assert (found.status, [error.path for error in found.errors]) == (422, paths)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_text_that_is_a_boolean_in_json_is_taken_for_one(text: str, value: bool) -> None:
    assert seen(get_event(with_notes=text), lambda r: r.query(Query).with_notes) is value


def test_a_path_parameter_cannot_be_given_in_the_query_string() -> None:
    class Named(Contract):
        id: str

    assert seen(get_event("a|b"), lambda r: r.query(Named, id=r.path("id")).id) == "a|b"
    found = problem(get_event("a|b", id="c"), lambda r: r.query(Named, id=r.path("id")))
    assert (found.status, found.errors[0].path) == (422, "id")


def test_a_path_parameter_is_decoded_exactly_once() -> None:
    assert seen(recorded("stories_get"), lambda r: r.path("id")) == "rate cut/50%|zürich"
    assert seen(get_event("a%2Fb"), lambda r: r.path("id")) == "a%2Fb"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_path_parameter_survives(identifier: str) -> None:
    assert ApiRequest(get_event(identifier)).path("id") == identifier


def test_a_path_parameter_that_is_no_utf8_is_named() -> None:
    event = recorded("stories_get", pathParameters={"id": "%FF%FE"})
    found = problem(event, lambda r: r.query(StoryRequest, id=r.path("id")))
    assert (found.status, found.errors[0].path) == (422, "id")


def test_a_path_parameter_that_is_missing_is_not_found() -> None:
    assert problem(recorded("stories_list"), lambda r: r.path("id")).status == 404


@pytest.mark.parametrize("name", ["post_json", "post_base64"])
def test_a_body_is_read_plain_or_encoded(name: str) -> None:
    assert seen(recorded(name), lambda r: r.body(Body).query) == "naïve retries"


@pytest.mark.parametrize(
    ("body", "encoded", "status"),
    [
        ("{", False, 400),
        (None, False, 400),
        ("not base64!", True, 400),
        ("/////w==", True, 400),
        (base64.b64encode('{"query":"a"}'.encode("utf-16")).decode(), True, 400),
        ("[" * 100_000, False, 400),
        ('{"query":' + "[" * 500 + '"\\ud800"' + "]" * 500 + "}", False, 422),
        ('{"query":"\\ud800"}', False, 422),
        ('{"query":"a","\\ud800":1}', False, 422),
        ('{"query":"a","limit":true}', False, 422),
        ('{"query":"a","limit":"1"}', False, 422),
        ('{"query":"a","limit":1.0}', False, 422),
        ('{"query":"a","share":NaN}', False, 422),
        ('{"query":"a","share":1e999}', False, 422),
        ('{"query":"a","share":true}', False, 422),
        ('{"query":"a","helpful":0}', False, 422),
        ('{"query":"a","helpful":"true"}', False, 422),
        ("[]", False, 422),
        ('{"limit":1}', False, 422),
        ('{"query":"a","Limit":1}', False, 422),
        ('{"query":"' + "x" * MAX_BODY_BYTES + '"}', False, 413),
    ],
)
def test_a_bad_body_is_rejected(body: str | None, encoded: bool, status: int) -> None:
    event = recorded("post_json", body=body, isBase64Encoded=encoded)
    assert problem(event, lambda r: r.body(Body)).status == status


@pytest.mark.parametrize("bad", [b'{"query":"\xff"}', b"\xff\xfe{\x00", b'{"query":"\xed\xa0\x80"}', b"{", b""])
def test_a_body_that_is_no_json_in_utf8_is_named(bad: bytes) -> None:
    event = recorded("post_json", body=base64.b64encode(bad).decode(), isBase64Encoded=True)
    found = problem(event, lambda r: r.body(Body))
    assert (found.status, [error.path for error in found.errors]) == (400, ["body"])


@pytest.mark.parametrize(
    ("body", "path"),
    [('{"query":"a\\ud800"}', "query"), ('{"tags":["a",{"b":"\\udfff"}]}', "tags.1.b"), ('"\\ud800"', "")],
)
def test_a_lone_surrogate_is_named_by_its_field(body: str, path: str) -> None:
    found = problem(recorded("post_json", body=body), lambda r: r.body(Body))
    assert (found.status, [error.path for error in found.errors]) == (422, [path])


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    event = recorded("post_json", body=json.dumps({"query": "secret" * 50, "limit": "secret"}))
    assert "secret" not in respond(event, lambda r: r.body(Body))["body"]


@pytest.mark.parametrize("sent", ["site-7f3a.1", "A_b.c-9", "x" * 128])
def test_a_well_formed_request_id_is_echoed(sent: str) -> None:
    assert respond(get_event(headers={"x-REQUEST-id": sent}))["headers"]["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129, "a\r\nSet-Cookie: b", "é"])
def test_any_other_request_id_gives_way_to_the_gateways(sent: str) -> None:
    assert respond(get_event(headers={"X-Request-Id": sent}))["headers"]["X-Request-Id"] == RECORDED_ID


def test_without_a_gateway_a_request_id_is_made() -> None:
    ids = {respond({"httpMethod": "GET"})["headers"]["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(("headers", "shadow"), [({}, False), ({"x-shadow": "1"}, True), ({"X-Shadow": "0"}, False)])
def test_a_shadow_call_is_marked(headers: dict[str, str], shadow: bool) -> None:
    assert seen(get_event(headers=headers), lambda r: r.shadow) is shadow


def test_single_value_headers_are_read_too() -> None:
    event = recorded("stories_list", multiValueHeaders=None)
    assert seen(event, lambda r: [r.shadow, r.request_id]) == [True, "site-7f3a.1"]


def test_an_answer_is_json_with_its_cache_rule() -> None:
    response = respond(recorded("stories_list"))
    assert response["headers"]["Content-Type"] == "application/json"
    assert response["headers"]["Cache-Control"] == "max-age=5"
    assert response["isBase64Encoded"] is False


def test_ready_json_is_passed_on() -> None:
    handler = api_function()(lambda _: JsonText('{"ready":true}'))
    assert handler(get_event(), None)["body"] == '{"ready":true}'


def test_a_listed_origin_may_read_the_answer() -> None:
    headers = respond(get_event(headers={"Origin": LISTED}))["headers"]
    assert (headers["Access-Control-Allow-Origin"], headers["Vary"]) == (LISTED, "Origin")


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", f"{LISTED}.evil.example.com", ""])
def test_any_other_origin_may_not(origin: str) -> None:
    headers = respond(get_event(headers={"Origin": origin}))["headers"]
    assert "Access-Control-Allow-Origin" not in headers


def test_a_problem_may_be_read_by_a_listed_origin_too() -> None:
    response = respond(get_event(headers={"Origin": LISTED}, limt="5"), lambda r: r.query(Query))
    assert response["headers"]["Access-Control-Allow-Origin"] == LISTED


def test_a_preflight_of_a_listed_origin_is_granted() -> None:
    response = respond(recorded("stories_preflight"))
    assert (response["statusCode"], response["body"]) == (204, "")
    assert response["headers"]["Access-Control-Allow-Methods"] == "GET,POST,OPTIONS"
    assert "X-Api-Key" in response["headers"]["Access-Control-Allow-Headers"]


def test_a_preflight_of_a_stranger_gets_no_permission() -> None:
    event = recorded("stories_preflight", multiValueHeaders={"Origin": ["https://evil.example.com"]})
    response = respond(event)
    assert response["statusCode"] == 204
    assert not [name for name in response["headers"] if name.startswith("Access-Control")]


def test_a_request_is_counted_by_function(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "list-stories")
    respond(recorded("stories_list"))
    metrics = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert metrics["function"] == "list-stories"
    assert (metrics["Requests"], metrics["Faults"]) == ([1.0], [0.0])
    assert metrics["Latency"][0] >= 0


def test_a_fault_is_logged_with_its_id_and_not_sent_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: ApiRequest) -> Any:
        raise RuntimeError("the table arn:secret is gone")

    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    found = problem(recorded("stories_list"), fail)
    log = json.loads(written.getvalue())
    assert "secret" not in found.model_dump_json()
    assert (log["level"], log["request_id"], log["shadow"]) == ("ERROR", "site-7f3a.1", True)
    assert "arn:secret" in log["exception"]
