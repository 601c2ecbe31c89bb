"""A signed request passes as the site signs it, and any change to it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from multidict import CIMultiDict

from backend_clients.errors import Unavailable
from backend_clients.http.signing import SignedRequests
from lambdas.local.gateway.proxy_events import HttpRequest
from lambdas.local.gateway.signatures import is_signed
from lambdas.local.stack.resources import CREDENTIALS

URL = "http://127.0.0.1:3000/api/stories/a%7Cb%2Fc%25%20ü"
HERE = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**HERE, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)


def signed(method: str = "GET", url: str = URL, **given: Any) -> HttpRequest:
    """A request as the gateway receives it."""
    prepared = requests.Request(method, url, auth=SignedRequests(), **given).prepare()
    parts = urlsplit(str(prepared.url))
    body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    headers = CIMultiDict({**prepared.headers, "Host": parts.netloc})
    return HttpRequest(method, parts.path, parts.query, headers, body, "127.0.0.1")


def test_what_the_site_signs_passes() -> None:
    pairs = [("q", "a b+c|d&e=é"), ("tags", "x"), ("tags", "w"), ("empty", "")]
    assert is_signed(signed(params=pairs), CREDENTIALS)
    assert is_signed(signed("POST", json={"query": "naïve"}), CREDENTIALS)
    assert is_signed(signed("DELETE"), CREDENTIALS)


def test_a_session_token_is_signed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a token")
    sent = signed()
    assert sent.headers["X-Amz-Security-Token"] == "a token"
    assert is_signed(sent, CREDENTIALS)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/api/stories/another"},
        {"query": "limit=100"},
        {"body": b"{}"},
        {"headers": CIMultiDict()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_request_does_not_pass(change: dict[str, Any]) -> None:
    assert not is_signed(replace(signed(), **change), CREDENTIALS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "elsewhere"),
        ("X-Amz-Date", "yesterday"),
        ("Authorization", "Bearer abc"),
        ("Authorization", ""),
    ],
)
def test_a_changed_header_does_not_pass(name: str, value: str) -> None:
    sent = signed()
    headers = CIMultiDict(sent.headers)
    headers[name] = value
    assert not is_signed(replace(sent, headers=headers), CREDENTIALS)


def test_an_old_signature_does_not_pass() -> None:
    assert not is_signed(signed(), CREDENTIALS, datetime.now(UTC) + timedelta(minutes=6))
    assert is_signed(signed(), CREDENTIALS, datetime.now(UTC) + timedelta(minutes=4))


@pytest.mark.parametrize(("name", "value"), [("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ACCESS_KEY_ID", "another")])
def test_other_credentials_do_not_pass(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert not is_signed(signed(), CREDENTIALS)


def test_the_region_is_that_of_the_apis_host() -> None:
    url = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live/api/stories"
    assert "/eu-central-1/execute-api/aws4_request" in signed(url=url).headers["Authorization"]


def test_without_credentials_the_lambda_side_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HERE:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(Unavailable, match="no AWS credentials"):
        signed()
