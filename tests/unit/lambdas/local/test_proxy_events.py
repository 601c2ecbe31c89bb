"""Events as API Gateway sends them, and responses as it accepts them."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict

from lambdas.local.gateway.proxy_events import HttpRequest, MalformedResponse, http_response, proxy_event
from lambdas.local.stack.triggers import Api, Route

RECORDED = Path(__file__).parents[3] / "support" / "stacks" / "sam_shop" / "rest_proxy_event.json"
ROUTE = Route("GET", "/items/{id}", "f", Api("a1b2c3d4e5", "v1"))


def request(body: bytes = b"", **headers: str) -> HttpRequest:
    sent = CIMultiDict(
        [
            ("Host", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
            ("User-Agent", "curl/8.5.0"),
            ("x-tag", "one"),
            ("x-tag", "two"),
            *((name.replace("_", "-"), value) for name, value in headers.items()),
        ]
    )
    return HttpRequest("GET", "/items/a%2Fb", "limit=3&limit=5", sent, body, "203.0.113.7")


def shape(node: Any) -> Any:
    """Keys and types of a node, without its values, which differ from call to call."""
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items()}
    return [shape(item) for item in node] if isinstance(node, list) else type(node)


def test_an_event_has_the_shape_of_a_recorded_one() -> None:
    recorded = json.loads(RECORDED.read_text())

    event = proxy_event(request(), ROUTE, {"id": "a%2Fb"})

    assert (event["headers"]["X-Forwarded-Proto"], event["headers"]["X-Forwarded-Port"]) == ("http", "80")
    for name, value in (("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443")):
        event["headers"][name] = value
        event["multiValueHeaders"][name] = [value]
    assert shape(event) == shape(recorded)
    varying = ("requestId", "extendedRequestId", "requestTime", "requestTimeEpoch", "resourceId")
    for context in (event["requestContext"], recorded["requestContext"]):
        for name in varying:
            del context[name]
    assert event == recorded


def test_an_event_without_query_has_null_parameters() -> None:
    bare = HttpRequest("GET", "/", "", CIMultiDict(), b"", "127.0.0.1")

    event = proxy_event(bare, ROUTE, None)

    names = ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body")
    assert [event[name] for name in names] == [None] * 4


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "image/png"])
def test_a_body_of_a_binary_type_comes_in_base64(kind: str) -> None:
    route = Route("POST", "/items", "f", Api("a", "v1", binary_types=("application/json", "image/*")))

    event = proxy_event(request(b"\xff{", Content_Type=kind), route, None)

    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\xff{", True)
    assert proxy_event(request(b"", Content_Type=kind), route, None)["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/json", '{"é": 1}'.encode(), '{"é": 1}'),
        ("image/png", b"\x89PNG", "\ufffdPNG"),
        ("text/plain", b"\xff", "\ufffd"),
    ],
)
def test_a_body_of_any_other_type_is_text(kind: str, body: bytes, expected: str) -> None:
    event = proxy_event(request(body, Content_Type=kind), ROUTE, None)

    assert (event["body"], event["isBase64Encoded"]) == (expected, False)


def test_a_query_string_is_split_as_api_gateway_does() -> None:
    asked = HttpRequest("GET", "/", "a=1;b=2&a=3+4&c&d=%FF", CIMultiDict(), b"", "127.0.0.1")

    event = proxy_event(asked, ROUTE, None)

    assert event["multiValueQueryStringParameters"] == {"a": ["1", "3 4"], "b": ["2"], "c": [""], "d": ["\ufffd"]}
    assert event["queryStringParameters"]["a"] == "3 4"


def test_headers_that_end_at_the_gateway_reach_no_function() -> None:
    headers = proxy_event(request(TE="trailers", Expect="100-continue", Connection="close", Via="1.1 x"), ROUTE, None)

    assert sorted(headers["headers"]) == [
        *("Host", "User-Agent", "Via", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "x-tag"),
    ]


def test_forwarded_headers_say_what_the_gateway_saw() -> None:
    sent = request(X_Forwarded_For="10.0.0.1", X_Forwarded_Proto="gopher", x_forwarded_port="1")

    headers = proxy_event(sent, ROUTE, None)["headers"]

    assert headers["X-Forwarded-For"] == "10.0.0.1, 203.0.113.7"
    assert (headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"]) == ("http", "80")
    assert "x-forwarded-port" not in headers


def test_response_headers_that_api_gateway_keeps_for_itself_are_renamed_or_dropped() -> None:
    answer = {"statusCode": 200, "headers": {"Server": "mine", "Date": "now", "TE": "x", "X-Own": "1"}}

    headers = http_response(json.dumps(answer).encode()).headers

    assert dict(headers) == {
        "x-amzn-Remapped-Server": "mine",
        "x-amzn-Remapped-Date": "now",
        "X-Own": "1",
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize(
    ("accept", "types", "decoded"),
    [
        ("image/png", ["image/png"], True),
        ("application/json, image/png", ["image/png"], False),
        ("", ["image/png"], False),
        ("", ["*/*"], True),
        ("image/png", [], False),
    ],
)
def test_base64_is_decoded_for_whom_the_first_accepted_type_is_binary(
    accept: str, types: list[str], decoded: bool
) -> None:
    payload = json.dumps({"statusCode": 200, "body": "AA==", "isBase64Encoded": True}).encode()

    assert http_response(payload, accept, types).body == (b"\x00" if decoded else b"AA==")


def test_a_response_carries_all_its_headers() -> None:
    response = http_response(
        json.dumps(
            {
                "statusCode": "201",
                "headers": {"X-One": 1, "Set-Cookie": "lost", "Content-Length": "999", "X-Flag": True},
                "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]},
                "body": base64.b64encode(b"\x00").decode(),
                "isBase64Encoded": True,
            }
        ).encode(),
        "image/png, */*",
        ["image/png"],
    )

    assert (response.status, response.body) == (201, b"\x00")
    assert response.headers.getall("Set-Cookie") == ["a=1", "b=2"]
    others = {name: value for name, value in response.headers.items() if name.lower() != "set-cookie"}
    assert others == {"X-One": "1", "X-Flag": "true", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "payload",
    [
        b"null",
        b'"text"',
        b"[]",
        b"{}",
        b"not json",
        b'{"statusCode": "many"}',
        b'{"statusCode": 99}',
        b'{"statusCode": 200, "body": {"an": "object"}}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}',
        b'{"statusCode": 200, "headers": {"a": ["b"]}}',
        b'{"statusCode": 200, "body": "%%%", "isBase64Encoded": true}',
    ],
)
def test_a_malformed_response_is_rejected(payload: bytes) -> None:
    with pytest.raises(MalformedResponse):
        http_response(payload)
