"""Forgetting a conversation: its partition is deleted in batches, and what a killed run left the next one deletes."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from lambdas.ask.conversations.items import KEY, SORT, TURN, session_key
from lambdas.common.http.problems import Throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH: Final = 25  # what BatchWriteItem takes at most
_TRIES: Final = 6
_FIRST_WAIT: Final = 0.05


def forget_session(dynamodb: "DynamoDBClient", table: str, session_id: str) -> int:
    """Delete all that is kept of a session; returns how many turns there were to delete.

    Raises
    ------
    Throttled
        The table takes no more for now; calling again goes on from there.
    """
    turns = 0
    for batch in _batches(_keys(dynamodb, table, session_id)):
        _delete(dynamodb, table, batch)
        turns += sum(key[SORT]["S"].startswith(TURN) for key in batch)
    return turns


def _keys(dynamodb: "DynamoDBClient", table: str, session_id: str) -> Iterator[Any]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression=f"{KEY} = :session",
        ExpressionAttributeValues={":session": session_key(session_id)},
        ProjectionExpression=f"{KEY}, {SORT}",
        ConsistentRead=True,
    )
    return (item for page in pages for item in page["Items"])


def _batches(keys: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _delete(dynamodb: "DynamoDBClient", table: str, keys: Sequence[Any]) -> None:
    left: Any = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    for attempt in range(_TRIES):
        left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
        if not left:
            return
        time.sleep(_FIRST_WAIT * 2**attempt)
    raise Throttled
