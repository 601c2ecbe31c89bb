"""Log lines of the functions hold no key, no header and no provider's text."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from botocore.exceptions import ClientError

from lambdas.common.http.problems import DependencyDown
from lambdas.common.observability import logger

TOLD = "Incorrect API key provided: sk-hidden-1234 for messages [What did she lead?]"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    monkeypatch.setenv("SEARCH_API_KEY", "plain-words-as-key")
    return lambda: dict(json.loads(written.getvalue()))


def refused() -> Exception:
    request = httpx.Request("POST", "https://models.example.com/v1", headers={"Authorization": "Bearer sk-hidden-1234"})
    return openai.AuthenticationError(TOLD, response=httpx.Response(401, request=request), body=None)


def test_of_a_providers_error_type_and_status_are_logged(logged: Callable[[], dict[str, Any]]) -> None:
    try:
        try:
            raise refused()
        except openai.OpenAIError as cause:
            raise DependencyDown("The model does not answer.") from cause
    except DependencyDown as error:
        logger.error("request failed", exc_info=error)

    exception = logged()["exception"]
    assert "openai.AuthenticationError: status 401" in exception
    assert "DependencyDown: The model does not answer." in exception
    assert "test_observability.py" in exception
    assert "hidden" not in exception
    assert "What did she lead" not in exception


@pytest.mark.parametrize(
    "secret",
    [
        "plain-words-as-key",
        "sk-hidden-1234",
        "pcsk_hidden_1234",
        "AKIAHIDDEN123456789",
        "Bearer hidden.1234",
        '{"X-Api-Key": "hidden-1234"}',
        "Authorization: hidden-1234",
        "her.hidden@example.com",
    ],
)
def test_what_looks_like_a_secret_is_left_out(logged: Callable[[], dict[str, Any]], secret: str) -> None:
    logger.warning("a call failed", extra={"reason": f"the service said {secret}", "status": 401})

    line = logged()
    assert line["reason"].startswith("the service said ")
    assert line["status"] == 401
    assert "hidden" not in json.dumps(line).lower()
    assert "plain-words" not in json.dumps(line)


def test_other_errors_keep_their_words(logged: Callable[[], dict[str, Any]]) -> None:
    error = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no such table"}}, "GetItem")
    logger.error("request failed", exc_info=error)

    assert "no such table" in logged()["exception"]
