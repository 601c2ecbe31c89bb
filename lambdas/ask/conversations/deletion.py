"""Forgets a conversation: writes a tombstone for the export, then deletes the partition in batches.

Every step may be repeated, so a run that was killed is completed by the next. The tombstone comes first: an export that
is writing the session at this moment finds it, and the next run rewrites the objects that it names.
"""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from lambdas.ask.conversations.items import (
    EXPIRES_AT,
    EXPORTS,
    FORGOTTEN,
    KEY,
    SORT,
    TURN,
    UNEXPORTED,
    about_key,
    session_key,
    tombstone_key,
)
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
    _leave_tombstone(dynamodb, table, session_id)
    turns = 0
    for batch in _batches(_keys(dynamodb, table, session_id)):
        _delete(dynamodb, table, batch)
        turns += sum(key[SORT]["S"].startswith(TURN) for key in batch)
    return turns


def _leave_tombstone(dynamodb: "DynamoDBClient", table: str, session_id: str) -> None:
    """Name the exported objects that hold a session, for the next export to rewrite. A new session has none to name."""
    about = about_key(session_id)
    if "Item" not in dynamodb.get_item(TableName=table, Key=about, ConsistentRead=True):
        return
    yes: Any = {":yes": {"BOOL": True}}
    dynamodb.update_item(
        TableName=table,
        Key=tombstone_key(session_id),
        UpdateExpression=f"SET {FORGOTTEN} = :yes REMOVE {EXPIRES_AT}",
        ExpressionAttributeValues=yes,
    )
    try:
        # From here on no export can note that it wrote the session, so the keys that are read now are all there are.
        marked = dynamodb.update_item(
            TableName=table,
            Key=about,
            UpdateExpression=f"SET {FORGOTTEN} = :yes REMOVE {UNEXPORTED}",
            ConditionExpression=f"attribute_exists({KEY})",
            ExpressionAttributeValues=yes,
            ReturnValues="ALL_NEW",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return  # another call has forgotten it meanwhile
    if keys := marked["Attributes"].get(EXPORTS):
        add_exports(dynamodb, table, session_id, keys)


def add_exports(dynamodb: "DynamoDBClient", table: str, session_id: str, keys: Any) -> None:
    """Name further exported objects, a string set, in a session's tombstone."""
    dynamodb.update_item(
        TableName=table,
        Key=tombstone_key(session_id),
        UpdateExpression=f"ADD {EXPORTS} :keys REMOVE {EXPIRES_AT}",
        ExpressionAttributeValues={":keys": keys},
    )


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
