"""Batch access to the bodies in the stories table: read write times, write, delete."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lambdas.common.aws.timestamped_table import WRITTEN_AT, TimestampedTable, batches, send_with_retry
from lambdas.stories.story_items import BODY, KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READ_BATCH: Final = 100  # the limit of BatchGetItem


class StoryTable:
    """The stories table. Times are in seconds since the epoch."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._table = TimestampedTable(dynamodb, name, (KEY,))

    def written(self, hashes: Sequence[str]) -> Iterator[Mapping[str, int]]:
        """Write times of the bodies found, a batch of hashes at a time."""
        for batch in batches(hashes, _READ_BATCH):
            yield self._fetched(batch)

    def write(self, bodies: Mapping[str, bytes], written_at: int) -> Iterator[int]:
        """Write bodies by content hash, yielding the number written after each batch.

        Raises
        ------
        ClientError, BotoCoreError, RetryError
            The table rejected a write, or left items unprocessed at each attempt.
        """
        return self._table.write(
            [{KEY: {"S": content_hash}, BODY: {"B": body}} for content_hash, body in bodies.items()], written_at
        )

    def delete_unreferenced(self, referenced: Callable[[str], bool], before: int) -> int:
        """Delete unreferenced bodies written before a moment. Returns the number deleted."""
        old = self._table.written_before(before)
        return self._table.delete_unchanged(body for body in old if not referenced(body.key[KEY]["S"]))

    def _fetched(self, hashes: Sequence[str]) -> Mapping[str, int]:
        found: dict[str, int] = {}
        name, dynamodb = self._table.name, self._table.dynamodb

        def fetch(requests: Any) -> Any:
            answer = dynamodb.batch_get_item(RequestItems=requests)
            found.update({item[KEY]["S"]: int(item[WRITTEN_AT]["N"]) for item in answer["Responses"].get(name, [])})
            return answer.get("UnprocessedKeys")

        keys = [{KEY: {"S": content_hash}} for content_hash in hashes]
        send_with_retry(
            {name: {"Keys": keys, "ProjectionExpression": self._table.projection, "ConsistentRead": True}}, fetch
        )
        return found
