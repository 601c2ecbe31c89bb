"""The items of editions in the table, many at a time: which are there, write some, retire some."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from lambdas.industries.items import PARTITION, SORT, WRITTEN_AT, Key, item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_WRITE_BATCH: Final = 25  # what BatchWriteItem takes at most
_ATTEMPTS: Final = 10
_LONGEST_WAIT: Final = 5.0
_RETIRING_THREADS: Final = 8
_KEYS: Final = f"{PARTITION}, {SORT}, {WRITTEN_AT}"
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError"}
)


class _Unprocessed(Exception):
    """The table took a part of a batch only."""


@dataclass(frozen=True)
class Old:
    """An item that nothing serves, and when it was written."""

    key: Key
    written_at: int


@dataclass(frozen=True)
class ItemTable:
    """The industries table. `written_at` is in seconds since the epoch."""

    dynamodb: "DynamoDBClient"
    name: str

    def written(self, edition: str) -> dict[str, int]:
        """When each item of an edition was written, by sort key."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression=f"{PARTITION} = :edition",
            ExpressionAttributeValues={":edition": {"S": edition}},
            ProjectionExpression=_KEYS,
            ConsistentRead=True,
        )
        return {item[SORT]["S"]: int(item[WRITTEN_AT]["N"]) for page in pages for item in page["Items"]}

    def write(self, edition: str, items: Mapping[str, Mapping[str, Any]], written_at: int) -> Iterator[int]:
        """Write items of an edition, yielding how many are safe after each batch.

        Raises
        ------
        ClientError, BotoCoreError, RetryError
            The table refused, or took less than it was given time and again.
        """
        names = list(items)
        stamp = {WRITTEN_AT: {"N": str(written_at)}}
        for start in range(0, len(names), _WRITE_BATCH):
            batch = names[start : start + _WRITE_BATCH]
            self._put_all([{**item_key(edition, name), **items[name], **stamp} for name in batch])
            yield start + len(batch)

    def superseded(self, kept: Collection[str], before: int) -> Iterator[Old]:
        """Items of all but the kept editions that were written before a moment."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.name, ProjectionExpression=_KEYS)
        for item in (item for page in pages for item in page["Items"] if WRITTEN_AT in item):
            written_at = int(item[WRITTEN_AT]["N"])
            if written_at < before and item[PARTITION]["S"] not in kept:
                yield Old({PARTITION: item[PARTITION], SORT: item[SORT]}, written_at)

    def retire(self, items: Iterable[Old]) -> int:
        """Delete items, but for those written anew since they were found. Returns how many went."""
        with ThreadPoolExecutor(_RETIRING_THREADS) as pool:
            return sum(pool.map(self._delete, items))

    def _delete(self, old: Old) -> bool:
        try:
            self.dynamodb.delete_item(
                TableName=self.name,
                Key=old.key,
                ConditionExpression=f"{WRITTEN_AT} = :seen",
                ExpressionAttributeValues={":seen": {"N": str(old.written_at)}},
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _put_all(self, items: Sequence[Mapping[str, Any]]) -> None:
        left: Any = {self.name: [{"PutRequest": {"Item": item}} for item in items]}
        for attempt in _retrying():
            with attempt:
                left = self.dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
                if left:
                    raise _Unprocessed


def _retrying() -> Retrying:
    return Retrying(
        retry=retry_if_exception(_is_passing),
        wait=wait_random_exponential(multiplier=0.1, max=_LONGEST_WAIT),
        stop=stop_after_attempt(_ATTEMPTS),
    )


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") in _THROTTLES
    return isinstance(error, _Unprocessed)
