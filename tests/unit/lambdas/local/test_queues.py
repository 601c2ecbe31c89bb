"""Messages of a batch that return to their queue."""

import asyncio
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from lambdas.local.runtime import queues
from lambdas.local.runtime.invocation import Failure, Outcome
from lambdas.local.runtime.queues import WAIT_SECONDS, QueuePoller, failed_ids, sqs_record
from lambdas.local.stack.triggers import QueueSource

IDS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "stranger"}]}, set(IDS)),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, set(IDS)),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, set(IDS)),
        ({"batchItemFailures": [{}]}, set(IDS)),
        ({"batchItemFailures": 3}, set(IDS)),
        ("text", set(IDS)),
    ],
)
def test_a_partial_response_returns_the_failed_messages(response: Any, failed: set[str]) -> None:
    outcome = Outcome(json.dumps(response).encode())

    assert failed_ids(outcome, IDS, reports_failures=True) == failed


def test_a_partial_response_counts_only_if_the_template_enables_it() -> None:
    outcome = Outcome(b'{"batchItemFailures": [{"itemIdentifier": "b"}]}')

    assert failed_ids(outcome, IDS, reports_failures=False) == set()


@pytest.mark.parametrize("reports_failures", [True, False])
def test_a_failed_function_returns_the_whole_batch(reports_failures: bool) -> None:
    assert failed_ids(Outcome(b"{}", Failure.CRASH), IDS, reports_failures) == set(IDS)


def test_a_record_has_the_shape_of_lambda_s_own() -> None:
    message = {
        "MessageId": "m",
        "ReceiptHandle": "r",
        "Body": "{}",
        "MD5OfBody": "md5",
        "Attributes": {"ApproximateReceiveCount": "1"},
        "MessageAttributes": {"kind": {"StringValue": "x", "DataType": "String"}},
    }

    record = sqs_record(message, "arn:aws:sqs:us-east-1:123456789012:q", "us-east-1")

    assert record == {
        "messageId": "m",
        "receiptHandle": "r",
        "body": "{}",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            "kind": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
        },
        "md5OfBody": "md5",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
        "awsRegion": "us-east-1",
    }


@pytest.mark.parametrize(("wanted", "asked"), [(0.2, 1), (1.0, 1), (3.5, 4)])
def test_a_queue_is_polled_sparingly_while_a_batch_may_grow(wanted: float, asked: int) -> None:
    waits: list[int] = []

    class Sqs:
        def get_queue_url(self, **_: Any) -> dict[str, str]:
            return {"QueueUrl": "http://queue"}

        def receive_message(self, **request: Any) -> dict[str, Any]:
            waits.append(request["WaitTimeSeconds"])
            return {"Messages": [{"MessageId": "one"}]} if len(waits) == 1 else {}

    async def collect() -> None:
        aws: Any = SimpleNamespace(region="us-east-1", client=lambda _: Sqs())
        pool: Any = None
        poller = QueuePoller(QueueSource("f", "arn:q", 10, wanted, reports_failures=True), pool, aws)
        began = time.monotonic()
        clock = iter([began, began, began + wanted + 1])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(queues.time, "monotonic", lambda: next(clock))
            assert poller._collect() == [{"MessageId": "one"}]

    asyncio.run(collect())
    assert waits == [WAIT_SECONDS, asked]
