"""Delivers the messages of a queue to its function, as Lambda's event source mapping does."""

import asyncio
import json
import logging
import math
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.local.runtime.invocation import Outcome, Throttled
from lambdas.local.runtime.pool import FunctionPool
from lambdas.local.stack.resources import Aws
from lambdas.local.stack.triggers import QueueSource

WAIT_SECONDS = 20
RETRY_SECONDS = 1  # AWS waits for the queue's visibility timeout; a developer does not want to
MAX_RECEIVED = 10

log = logging.getLogger(__name__)


class QueuePoller(threading.Thread):
    """Long-polls one queue and invokes one function, a batch at a time.

    A failed message returns to the queue; the queue moves it to the dead-letter queue after
    `maxReceiveCount` receives.
    """

    def __init__(self, source: QueueSource, pool: FunctionPool, aws: Aws) -> None:
        super().__init__(name=f"poller-{source.function}", daemon=True)
        self._source = source
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._region = aws.region
        self._client = aws.client("sqs")
        queue = source.queue_arn.rpartition(":")[2]
        self._url = self._client.get_queue_url(QueueName=queue)["QueueUrl"]
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                if messages := self._collect():
                    self._deliver(messages)
            except (BotoCoreError, ClientError) as error:
                if not self._stopping.wait(RETRY_SECONDS):
                    log.warning("%s: %s", self._source.queue_arn, error)

    def _collect(self) -> list[dict[str, Any]]:
        messages = self._receive(self._source.batch_size, WAIT_SECONDS)
        closes = time.monotonic() + self._source.window_seconds
        while messages and len(messages) < self._source.batch_size and (left := closes - time.monotonic()) > 0:
            messages += self._receive(self._source.batch_size - len(messages), min(left, WAIT_SECONDS))
        return messages

    def _receive(self, wanted: int, seconds: float) -> list[dict[str, Any]]:
        answer = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(wanted, MAX_RECEIVED),
            WaitTimeSeconds=math.ceil(seconds),  # a longer poll needs fewer requests
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _deliver(self, messages: list[dict[str, Any]]) -> None:
        event = {"Records": [sqs_record(m, self._source.queue_arn, self._region) for m in messages]}
        call = self._pool.invoke(json.dumps(event).encode())
        ids = [message["MessageId"] for message in messages]
        try:
            outcome = asyncio.run_coroutine_threadsafe(call, self._loop).result()
            failed = failed_ids(outcome, ids, self._source.reports_failures)
        except Throttled:
            failed = set(ids)
        for start in range(0, len(messages), MAX_RECEIVED):
            self._settle(messages[start : start + MAX_RECEIVED], failed)

    def _settle(self, messages: list[dict[str, Any]], failed: set[str]) -> None:
        handles = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
        returned = [{**entry, "VisibilityTimeout": RETRY_SECONDS} for entry in handles if entry["Id"] in failed]
        done = [entry for entry in handles if entry["Id"] not in failed]
        if returned:
            log.warning("%s: %d of %d messages failed", self._source.function, len(returned), len(messages))
            self._client.change_message_visibility_batch(QueueUrl=self._url, Entries=returned)
        if done:
            self._client.delete_message_batch(QueueUrl=self._url, Entries=done)


def failed_ids(outcome: Outcome, ids: list[str], reports_failures: bool) -> set[str]:
    """The messages of a batch that return to the queue.

    Lambda's rule: all if the function failed or reported anything other than a list of ids of this batch;
    none if it reported nothing.
    """
    if outcome.failure:
        return set(ids)
    if not reports_failures:
        return set()
    try:
        response = json.loads(outcome.payload) or {}
        reported = {item["itemIdentifier"] for item in response.get("batchItemFailures") or ()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return set(ids)
    return reported if reported <= set(ids) else set(ids)


def sqs_record(message: dict[str, Any], queue_arn: str, region: str) -> dict[str, Any]:
    """A received message as a record of an SQS event."""
    attributes = {
        name: {
            "stringValue": value.get("StringValue"),
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": value["DataType"],
        }
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
