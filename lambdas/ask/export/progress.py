"""What the table knows of the export: sessions that are due, the part being written, and what was exported."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.ask.conversations.items import (
    BY_PLACE,
    BY_TOUCH,
    KEY,
    LAST_ACTIVITY,
    PENDING_EXPORT,
    SESSION,
    SORT,
    UNEXPORTED,
    Item,
    about_key,
    session_key,
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
        """Note where a session went, unless something has happened in it since; then it stays due."""
        self._if_untouched(
            due,
            self._dynamodb.update_item,
            UpdateExpression=f"REMOVE {UNEXPORTED} SET exported_to = :key",
            values={":key": {"S": key}},
        )

    def drop(self, due: Due) -> None:
        """Note nothing about a session that holds no turn."""
        self._if_untouched(due, self._dynamodb.delete_item, values={})

    def _still(self, due: Due) -> bool:
        """Whether a session is as the index has it: an index is a moment behind."""
        found = self._dynamodb.get_item(TableName=self._table, Key=about_key(due.session_id), ConsistentRead=True)
        item = found.get("Item", {})
        return UNEXPORTED in item and int(item[LAST_ACTIVITY]["N"]) == due.touched_at

    def _if_untouched(self, due: Due, operation: Any, values: dict[str, Any], **parameters: Any) -> None:
        try:
            operation(
                TableName=self._table,
                Key=about_key(due.session_id),
                ConditionExpression=f"{LAST_ACTIVITY} = :seen",
                ExpressionAttributeValues={":seen": {"N": str(due.touched_at)}, **values},
                **parameters,
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return
