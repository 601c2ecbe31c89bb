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
    """Of each batch that holds more than one item, DynamoDB reads or writes half and hands back the rest."""
    operation = exchange.headers.get("x-amz-target", "").rpartition(".")[2]
    if operation not in ("BatchWriteItem", "BatchGetItem"):
        return await passing(exchange)
    asked = json.loads(exchange.body)
    reading = operation == "BatchGetItem"
    kept, left = _half_of_the_keys(asked["RequestItems"]) if reading else _halves(asked["RequestItems"])
    exchange.body = json.dumps({**asked, "RequestItems": kept}).encode()
    answer = await exchange.forward()
    said = {**json.loads(answer.body), "UnprocessedKeys" if reading else "UnprocessedItems": left}
    return await exchange.answer(Answer(answer.status, json.dumps(said).encode(), _TYPE))


async def stale_reads(exchange: Exchange) -> None:
    """A read that does not ask for consistency finds nothing, as where every item was written a moment ago."""
    operation = exchange.headers.get("x-amz-target", "").rpartition(".")[2]
    asked = json.loads(exchange.body or b"{}")
    match operation:
        case "GetItem" if not asked.get("ConsistentRead"):
            found: dict[str, Any] = {}
        case "Query" if not asked.get("ConsistentRead"):
            found = {"Items": [], "Count": 0, "ScannedCount": 0}
        case "BatchGetItem" if not any(table.get("ConsistentRead") for table in asked["RequestItems"].values()):
            found = {"Responses": {table: [] for table in asked["RequestItems"]}, "UnprocessedKeys": {}}
        case _:
            return await passing(exchange)
    return await exchange.answer(Answer(200, json.dumps(found).encode(), _TYPE))


def _halves(items: dict[str, list[Any]]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    kept = {table: requests[: (len(requests) + 1) // 2] for table, requests in items.items()}
    left = {table: requests[len(kept[table]) :] for table, requests in items.items() if len(requests) > 1}
    return kept, left


def _half_of_the_keys(tables: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    kept, left = _halves({table: request["Keys"] for table, request in tables.items()})
    return tuple(  # type: ignore[return-value]  # two halves make two
        {table: {**tables[table], "Keys": keys} for table, keys in half.items()} for half in (kept, left)
    )
