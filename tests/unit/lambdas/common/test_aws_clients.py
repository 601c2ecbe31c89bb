"""AWS clients: time-outs and attempts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from lambdas.common.aws import clients
from lambdas.common.http.problems import to_request_error

MAKERS = (clients.dynamodb_client, clients.s3_client)
SECONDS_OF_A_FUNCTION = 5


@pytest.fixture(autouse=True)
def fresh_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the discard port: nobody answers
    _clear()
    yield
    _clear()


def _clear() -> None:
    for cached in (clients._session, *MAKERS):
        cached.cache_clear()


@pytest.mark.parametrize("make", MAKERS)
def test_a_client_is_made_once_and_goes_where_the_environment_says(make: Callable[[], Any]) -> None:
    assert make() is make()
    assert make().meta.endpoint_url == "http://127.0.0.1:9"


def test_one_service_can_be_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")
    assert clients.dynamodb_client().meta.endpoint_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("make", MAKERS)
def test_all_tries_of_a_call_end_before_the_function_does(make: Callable[[], Any]) -> None:
    config = make().meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert longest < SECONDS_OF_A_FUNCTION


def test_a_missing_answer_is_a_dependency_that_is_down() -> None:
    with pytest.raises(BotoCoreError) as caught:
        clients.dynamodb_client().list_tables()
    assert to_request_error(caught.value).status == 503
