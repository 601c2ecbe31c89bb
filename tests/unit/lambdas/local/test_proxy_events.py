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
        ).encode()
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
