"""Error responses of the gateway, default and shaped by a template."""

import json
from typing import Any

import pytest

from lambdas.local.gateway.responses import BAD_KEY, FAILED, THROTTLED, TIMED_OUT, GatewayError, error_response

PROBLEM = {
    "StatusCode": 418,
    "ResponseParameters": {"Headers": {"Retry-After": "'1'", "Content-Type": "'application/problem+json'"}},
    "ResponseTemplates": {
        "application/json": '{"type": "$context.error.responseType", "detail": $context.error.messageString}'
    },
}


@pytest.mark.parametrize("error", [BAD_KEY, FAILED, THROTTLED, TIMED_OUT])
def test_an_error_without_a_declared_response_is_a_message(error: GatewayError) -> None:
    response = error_response(error, {})

    assert (response.status, response.body) == (error.status, b'{"message":"%s"}' % error.message.encode())
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("error", "declared"),
    [(BAD_KEY, "INVALID_API_KEY"), (BAD_KEY, "DEFAULT_4XX"), (FAILED, "DEFAULT_5XX")],
)
def test_a_declared_response_sets_status_headers_and_body(error: GatewayError, declared: str) -> None:
    response = error_response(error, {declared: PROBLEM})

    body: Any = response.body
    assert response.status == 418
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(body) == {"type": error.type, "detail": error.message}


def test_the_most_specific_declared_response_wins() -> None:
    response = error_response(BAD_KEY, {"DEFAULT_4XX": PROBLEM, "INVALID_API_KEY": {"StatusCode": 401}})

    assert (response.status, response.body) == (401, b'{"message":"Forbidden"}')
