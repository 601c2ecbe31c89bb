"""What the table knows of the export: sessions that are due or forgotten, the part being written, what was exported."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.ask.conversations.deletion import add_exports
from lambdas.ask.conversations.items import (
    BY_PLACE,
    BY_TOUCH,
    EXPIRES_AT,
    EXPORTS,
    FORGOTTEN,
    KEY,
    LAST_ACTIVITY,
    PENDING_EXPORT,
    SESSION,
    SORT,
    UNEXPORTED,
    Item,
    about_key,
    session_key,
    tombstone_key,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POINTER: Final[dict[str, Any]] = {KEY: {"S": "export"}, SORT: {"S": "part"}}
_PAGE: Final = 100


@dataclass(frozen=True)
class Due:
    """A session, and when it was last touched (seconds since the epoch)."""

    session_id: str
    touched_at: int


@dataclass(frozen=True)
class Part:
    """An object of the export and the sessions in it."""

    key: str
    sessions: tuple[Due, ...]


class ExportLog:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def due(self, untouched_since: int) -> Iterator[Due]:
        """Sessions with something to export that nothing has happened in since then, the oldest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=BY_TOUCH,
            KeyConditionExpression=f"{UNEXPORTED} = :mark AND {LAST_ACTIVITY} <= :since",
            ExpressionAttributeValues={":mark": {"S": PENDING_EXPORT}, ":since": {"N": str(untouched_since)}},
            PaginationConfig={"PageSize": _PAGE},
        )
        for found in (item for page in pages for item in page["Items"]):
            due = Due(found[KEY]["S"].removeprefix(SESSION), int(found[LAST_ACTIVITY]["N"]))
            if self._still(due):
                yield due

    def turns(self, session_id: str) -> Iterator[Item]:
        """A session's items, in the order of the conversation."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=BY_PLACE,
            KeyConditionExpression=f"{KEY} = :session",
            ExpressionAttributeValues={":session": session_key(session_id)},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def unfinished(self) -> Part | None:
        """The part that an earlier run began and did not finish."""
        item = self._dynamodb.get_item(TableName=self._table, Key=_POINTER, ConsistentRead=True).get("Item")
        if item is None or item["done"]["BOOL"]:
            return None
        return Part(item["key"]["S"], tuple(Due(*entry) for entry in json.loads(item["sessions"]["S"])))

    def begin(self, part: Part) -> bool:
        """Point at a part before it is written; False if another run's part is unfinished."""
        sessions = json.dumps([(due.session_id, due.touched_at) for due in part.sessions])
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={**_POINTER, "key": {"S": part.key}, "sessions": {"S": sessions}, "done": {"BOOL": False}},
                ConditionExpression=f"attribute_not_exists({KEY}) OR done = :done",
                ExpressionAttributeValues={":done": {"BOOL": True}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def finish(self, part: Part) -> None:
        """Say that a part is whole and its sessions are noted."""
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_POINTER,
                UpdateExpression="SET done = :done",
                ConditionExpression="#key = :key",
                ExpressionAttributeNames={"#key": "key"},
                ExpressionAttributeValues={":done": {"BOOL": True}, ":key": {"S": part.key}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return  # another run finished it and has gone on

    def exported(self, due: Due, key: str) -> None:
        """Note that an object holds a session.

        If something has happened in it since, it stays due. If it was forgotten meanwhile, the object has to be
        rewritten.
        """
        noted = self._if_untouched(
            due,
            self._dynamodb.update_item,
            UpdateExpression=f"REMOVE {UNEXPORTED} ADD {EXPORTS} :keys",
            values={":keys": {"SS": [key]}},
        )
        if not noted and self._tombstone(due.session_id):
            add_exports(self._dynamodb, self._table, due.session_id, {"SS": [key]})

    def forgotten(self) -> dict[str, set[str]]:
        """Exported objects to be rewritten, each with the forgotten sessions that it may hold."""
        objects: dict[str, set[str]] = {}
        for tombstone in self._tombstones():
            for key in tombstone.get(EXPORTS, {"SS": []})["SS"]:
                objects.setdefault(key, set()).add(tombstone[SORT]["S"])
        return objects

    def rewritten(self, key: str, sessions: Iterable[str]) -> None:
        """Note that an object no longer holds these sessions."""
        for session_id in sessions:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=tombstone_key(session_id),
                UpdateExpression=f"DELETE {EXPORTS} :keys",
                ExpressionAttributeValues={":keys": {"SS": [key]}},
            )

    def expire_tombstones(self, at: int) -> None:
        """Let tombstones that name no object expire. They outlast every export that may be writing their session."""
        for tombstone in self._tombstones():
            if EXPORTS in tombstone or EXPIRES_AT in tombstone:
                continue
            with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):  # an object was named meanwhile
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key={KEY: tombstone[KEY], SORT: tombstone[SORT]},
                    UpdateExpression=f"SET {EXPIRES_AT} = :at",
                    ConditionExpression=f"attribute_not_exists({EXPORTS})",
                    ExpressionAttributeValues={":at": {"N": str(at)}},
                )

    def drop(self, due: Due) -> None:
        """Note nothing about a session that holds no turn."""
        self._if_untouched(due, self._dynamodb.delete_item, values={})

    def _still(self, due: Due) -> bool:
        """Whether a session is as the index has it: an index is a moment behind."""
        found = self._dynamodb.get_item(TableName=self._table, Key=about_key(due.session_id), ConsistentRead=True)
        item = found.get("Item", {})
        return UNEXPORTED in item and int(item[LAST_ACTIVITY]["N"]) == due.touched_at

    def _tombstones(self) -> Iterator[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"{KEY} = :forgotten",
            ExpressionAttributeValues={":forgotten": {"S": FORGOTTEN}},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def _tombstone(self, session_id: str) -> bool:
        key = tombstone_key(session_id)
        return "Item" in self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)

    def _if_untouched(self, due: Due, operation: Any, values: dict[str, Any], **parameters: Any) -> bool:
        """Whether the session is as it was when the part began, and so was written to."""
        try:
            operation(
                TableName=self._table,
                Key=about_key(due.session_id),
                ConditionExpression=f"{LAST_ACTIVITY} = :seen AND attribute_not_exists({FORGOTTEN})",
                ExpressionAttributeValues={":seen": {"N": str(due.touched_at)}, **values},
                **parameters,
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True
