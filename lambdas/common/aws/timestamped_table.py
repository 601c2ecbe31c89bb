"""Batch writes and garbage collection for tables whose items store their write time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITTEN_AT: Final = "written_at"
ATTEMPTS: Final = 10
_LONGEST_WAIT: Final = 5.0
_WRITE_BATCH: Final = 25  # the limit of BatchWriteItem
_DELETE_THREADS: Final = 8
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError"}
)

Item = Mapping[str, Any]
T = TypeVar("T")


class _Unprocessed(Exception):
    """The table processed only a part of a batch."""


@dataclass(frozen=True)
class TimestampedKey:
    """An item's key and write time."""

    key: Item
    written_at: int


@dataclass(frozen=True)
class TimestampedTable:
    """A table, given by its name and key attributes. Times are in seconds since the epoch."""

    dynamodb: "DynamoDBClient"
    name: str
    key: tuple[str, ...]

    @property
    def projection(self) -> str:
        """Projection expression of key and write time."""
        return ", ".join((*self.key, WRITTEN_AT))

    def write(self, items: Sequence[Item], written_at: int) -> Iterator[int]:
        """Write items, yielding the number written after each batch.

        Raises
        ------
        ClientError, BotoCoreError, RetryError
            The table rejected a write, or left items unprocessed at each attempt.
        """
        done = 0
        for batch in batches(items, _WRITE_BATCH):
            stamp = {WRITTEN_AT: {"N": str(written_at)}}
            puts = [{"PutRequest": {"Item": {**item, **stamp}}} for item in batch]
            send_with_retry({self.name: puts}, self._put)
            done += len(batch)
            yield done

    def written_before(self, moment: int) -> Iterator[TimestampedKey]:
        """Items written before a moment; items without a write time are skipped."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.name, ProjectionExpression=self.projection)
        for item in (item for page in pages for item in page["Items"] if WRITTEN_AT in item):
            written_at = int(item[WRITTEN_AT]["N"])
            if written_at < moment:
                yield TimestampedKey({name: item[name] for name in self.key}, written_at)

    def delete_unchanged(self, items: Iterable[TimestampedKey]) -> int:
        """Delete items unless they were rewritten since they were read. Returns the number deleted."""
        with ThreadPoolExecutor(_DELETE_THREADS) as pool:
            return sum(pool.map(self._delete, items))

    def _put(self, requests: Any) -> Any:
        return self.dynamodb.batch_write_item(RequestItems=requests).get("UnprocessedItems")

    def _delete(self, item: TimestampedKey) -> bool:
        try:
            self.dynamodb.delete_item(
                TableName=self.name,
                Key=item.key,
                ConditionExpression=f"{WRITTEN_AT} = :seen",
                ExpressionAttributeValues={":seen": {"N": str(item.written_at)}},
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


def send_with_retry(
    requests: Any, send: Callable[[Any], Any], *, attempts: int = ATTEMPTS, longest_wait: float = _LONGEST_WAIT
) -> None:
    """Send a batch, and again what `send` returns as unprocessed, until nothing is left.

    Raises
    ------
    ClientError, BotoCoreError, RetryError
    """
    left = requests
    for attempt in Retrying(
        retry=retry_if_exception(_is_transient),
        wait=wait_random_exponential(multiplier=0.1, max=longest_wait),
        stop=stop_after_attempt(attempts),
    ):
        with attempt:
            left = send(left)
            if left:
                raise _Unprocessed


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") in _THROTTLES
    return isinstance(error, _Unprocessed)
