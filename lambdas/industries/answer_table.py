"""Batch access to the items of published versions: read write times, write, delete."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lambdas.common.aws.timestamped_table import WRITTEN_AT, TimestampedTable
from lambdas.industries.answer_items import PARTITION, SORT, item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class AnswerTable:
    """The industries table. Times are in seconds since the epoch."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._table = TimestampedTable(dynamodb, name, (PARTITION, SORT))

    def written(self, edition: str) -> dict[str, int]:
        """Write times of a version's items, by sort key."""
        pages = self._table.dynamodb.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression=f"{PARTITION} = :edition",
            ExpressionAttributeValues={":edition": {"S": edition}},
            ProjectionExpression=self._table.projection,
            ConsistentRead=True,
        )
        return {item[SORT]["S"]: int(item[WRITTEN_AT]["N"]) for page in pages for item in page["Items"]}

    def write(self, edition: str, items: Mapping[str, Mapping[str, Any]], written_at: int) -> Iterator[int]:
        """Write items of a version by sort key, yielding the number written after each batch.

        Raises
        ------
        ClientError, BotoCoreError, RetryError
            The table rejected a write, or left items unprocessed at each attempt.
        """
        return self._table.write([{**item_key(edition, name), **item} for name, item in items.items()], written_at)

    def delete_other_versions(self, kept: Collection[str], before: int) -> int:
        """Delete items written before a moment, except those of the kept versions. Returns the number deleted."""
        old = self._table.written_before(before)
        return self._table.delete_unchanged(item for item in old if item.key[PARTITION]["S"] not in kept)
