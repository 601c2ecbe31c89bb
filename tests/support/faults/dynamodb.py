"""Faults of DynamoDB, as a proxy plays them between the functions and their tables."""

import json
from typing import Any

from tests.support.faults.proxy import Answer, Exchange, passing

_TYPE = {"Content-Type": "application/x-amz-json-1.0"}
_THROTTLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}


async def throttling(exchange: Exchange) -> None:
    """Nothing is read and nothing is written."""
    await exchange.answer(Answer(400, json.dumps(_THROTTLED).encode(), _TYPE))


async def partial_batches(exchange: Exchange) -> None:
    """Of each batch that holds more than one item, DynamoDB writes half and hands back the rest."""
    if not exchange.headers.get("x-amz-target", "").endswith(".BatchWriteItem"):
        return await passing(exchange)
    asked = json.loads(exchange.body)
    kept, left = _halves(asked["RequestItems"])
    exchange.body = json.dumps({**asked, "RequestItems": kept}).encode()
    answer = await exchange.forward()
    said = {**json.loads(answer.body), "UnprocessedItems": left}
    return await exchange.answer(Answer(answer.status, json.dumps(said).encode(), _TYPE))


def _halves(items: dict[str, list[Any]]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    kept = {table: requests[: (len(requests) + 1) // 2] for table, requests in items.items()}
    left = {table: requests[len(kept[table]) :] for table, requests in items.items() if len(requests) > 1}
    return kept, left
