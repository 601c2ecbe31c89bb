"""Providers' keys: read from Secrets Manager, used anew after a rotation, kept while they cannot be read."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from lambdas.common.aws.clients import secrets_client
from lambdas.common.http.problems import DependencyDown
from lambdas.common.models import provider_keys
from lambdas.common.models.llm import ChatModel
from lambdas.common.models.provider_keys import key_source
from lambdas.local.moto import MotoProcess
from tests.support.servers.model_server import MODEL, ModelServer, running_model


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoProcess]:
    process = MotoProcess(0)
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="module")
def endpoint(moto: MotoProcess) -> str:
    return moto.url()


@pytest.fixture
def secrets(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }.items():
        monkeypatch.setenv(name, value)
    _forget_clients()
    yield boto3.client("secretsmanager", endpoint_url=endpoint, region_name="us-east-1")
    _forget_clients()


def _forget_clients() -> None:
    provider_keys._provider.cache_clear()
    secrets_client.cache_clear()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with running_model() as running:
        yield running


def secret(secrets: Any, name: str, value: str) -> str:
    return str(secrets.create_secret(Name=name, SecretString=value)["ARN"])


def test_a_key_that_is_no_arn_is_the_key_itself() -> None:
    assert key_source("sk-plain")() == "sk-plain"


def test_a_rotated_key_is_used_without_a_new_process(
    secrets: Any, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_keys, "MAX_AGE_SECONDS", 1)
    arn = secret(secrets, "rotated", "sk-first")
    chat = ChatModel(key_source(arn), model.url, MODEL)
    chat.complete("rules", "a question", 5)
    secrets.put_secret_value(SecretId=arn, SecretString="sk-second")
    chat.complete("rules", "a question", 5)
    assert model.keys == ["sk-first", "sk-first"]
    time.sleep(1.1)
    chat.complete("rules", "a question", 5)
    assert model.keys[2:] == ["sk-second"]


def test_a_key_is_read_once_in_five_minutes(secrets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_source(secret(secrets, "read once", "sk-once"))
    assert key() == "sk-once"
    monkeypatch.setattr(secrets_client(), "get_secret_value", None)
    assert {key() for _ in range(5)} == {"sk-once"}


def test_the_last_key_stays_while_the_secret_cannot_be_read(secrets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_keys, "MAX_AGE_SECONDS", 0)
    arn = secret(secrets, "deleted", "sk-last")
    key = key_source(arn)
    assert key() == "sk-last"
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    assert (key(), key()) == ("sk-last", "sk-last")


def test_a_key_that_was_never_read_is_a_dependency_that_is_down(secrets: Any) -> None:
    with pytest.raises(DependencyDown, match="A key cannot be read"):
        key_source("arn:aws:secretsmanager:us-east-1:123456789012:secret:none-aaaaaa")()
