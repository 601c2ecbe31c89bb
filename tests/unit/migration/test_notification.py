"""Every step back is told to a webhook and a topic, while nobody waits for it."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.audit_log import Audit, FlagChange
from backend_clients.flags.editor import FlagEditor
from backend_clients.migration.notification import notifier_of
from backend_clients.migration.service import MigrationService
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from tests.support.command import NAMED_FLAGS
from tests.support.servers.json_server import JsonServer, Reply
from tests.support.stacks.stories import moto_endpoint

CHANGE = FlagChange("stories", "live", "shadow", "50 of 50 failed", who="auto-rollback", at=0.0)


@pytest.fixture
def webhook() -> Iterator[JsonServer]:
    with JsonServer(lambda _: Reply()) as server:
        yield server


def sent() -> None:
    """Wait until every notification was sent or given up."""
    for thread in threading.enumerate():
        if thread.name == "notification":
            thread.join(20)


def site(folder: Path, **settings: Any) -> MigrationService:
    flags = folder / "flags.yaml"
    flags.write_text(NAMED_FLAGS)
    return MigrationService(Settings(flags_file=flags, data_dir=folder / "data", **settings))


def test_the_message_says_what_stepped_back_and_why(webhook: JsonServer) -> None:
    notifier_of(Settings(notify_webhook=webhook.url))(CHANGE)
    sent()
    (call,) = webhook.calls
    assert call.body == {
        "event": "step_back", "domain": "stories", "before": "live", "after": "shadow", "who": "auto-rollback",
        "reason": "50 of 50 failed", "at": "1970-01-01T00:00:00+00:00",
        "text": "stories stepped back from live to shadow, by auto-rollback: 50 of 50 failed",
    }  # fmt: skip


def test_steps_back_are_told_and_steps_forward_are_not(tmp_path: Path, webhook: JsonServer) -> None:
    service = site(tmp_path, notify_webhook=webhook.url)
    for stage, percent in (("shadow", 100), ("live", 60), ("live", 20), ("live", 20), ("shadow", 100)):
        service.set_stage("stories", stage, percent, reason="on its way", who="ada", force=True)
        sent()
    service.rollback("stories", reason="", who="ada")
    sent()
    assert [(call.body["before"], call.body["after"]) for call in webhook.calls] == [
        ("live 60%, shadow 40%", "live 20%, shadow 80%"),
        ("live 20%, shadow 80%", "shadow"),
        ("shadow", "legacy"),
    ]


def test_a_topic_gets_the_same_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT_URL": moto_endpoint(), "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    topic = boto3.client("sns", "eu-west-1").create_topic(Name="steps-back")["TopicArn"]
    queues = boto3.client("sqs", "eu-west-1")
    queue = queues.create_queue(QueueName="steps-back")["QueueUrl"]
    address = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("sns", "eu-west-1").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
    notifier_of(Settings(notify_topic_arn=topic))(CHANGE)
    sent()
    (message,) = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"])["text"].startswith("stories stepped back from live")


def test_a_receiver_that_fails_is_tried_again_and_named_without_its_address(
    webhook: JsonServer, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.misbehaviours = [Reply(503)]
    notifier_of(Settings(notify_webhook=f"{webhook.url}/secret"))(CHANGE)
    sent()
    assert len(webhook.calls) == 2
    webhook.misbehaviours = [Reply(403)]
    with caplog.at_level(logging.WARNING):
        notifier_of(Settings(notify_webhook=f"{webhook.url}/secret"))(CHANGE)
        sent()
    (said,) = caplog.messages
    assert said.startswith("NOTIFY_WEBHOOK: 'stories stepped back from live to shadow")
    assert said.endswith("could not be sent: HTTPError (status 403)")
    assert "secret" not in caplog.text


def test_nobody_waits_for_a_receiver_that_hangs(tmp_path: Path, webhook: JsonServer) -> None:
    webhook.hanging = True
    flags = tmp_path / "flags.yaml"
    flags.write_text(NAMED_FLAGS.replace("defaultVariant: legacy", "defaultVariant: live", 1))
    notify = notifier_of(Settings(notify_webhook=webhook.url))
    editor = FlagEditor(flags, Audit(tmp_path / "records.sqlite3"), DOMAINS, notify)
    began = time.monotonic()
    assert editor.rollback("stories").after == Stage.SHADOW
    assert time.monotonic() - began < 1.0
    webhook._released.set()
    sent()


def test_an_address_that_is_no_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="notify_topic_arn"):
        Settings(notify_topic_arn="steps-back")
