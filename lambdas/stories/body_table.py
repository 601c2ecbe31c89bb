"""Bodies in the table, many at a time: which are there, write some, retire some."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from lambdas.stories.bodies import BODY, KEY, WRITTEN_AT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READ_BATCH: Final = 100  # what BatchGetItem takes at most
_WRITE_BATCH: Final = 25  # what BatchWriteItem takes at most
_ATTEMPTS: Final = 10
_LONGEST_WAIT: Final = 5.0
_RETIRING_THREADS: Final = 8
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError"}
)


class _Unprocessed(Exception):
    """The table took a part of a batch only."""


@dataclass(frozen=True)
class BodyTable:
    """The stories table. `written_at` is in seconds since the epoch."""

    dynamodb: "DynamoDBClient"
    name: str

    def written(self, hashes: Sequence[str]) -> Iterator[Mapping[str, int]]:
        """When each body that is there was written, a batch of hashes at a time."""
        for batch in _batches(hashes, _READ_BATCH):
            found: dict[str, int] = {}
            self._fetch(batch, found)
            yield found

    def write(self, bodies: Mapping[str, bytes], written_at: int) -> Iterator[int]:
        """Write bodies, yielding how many are safe after each batch.

        Raises
        ------
        ClientError, BotoCoreError, RetryError
            The table refused, or took less than it was given time and again.
        """
        done = 0
        for batch in _batches(list(bodies), _WRITE_BATCH):
            puts = [_put(content_hash, bodies[content_hash], written_at) for content_hash in batch]
            self._put_all(puts)
            done += len(batch)
            yield done

    def unreferenced(self, referenced: Callable[[str], bool], before: int) -> Iterator[tuple[str, int]]:
        """Bodies that nothing references and that were written before a moment."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.name, ProjectionExpression=f"{KEY}, {WRITTEN_AT}"
        )
        for item in (item for page in pages for item in page["Items"] if WRITTEN_AT in item):
            content_hash, written_at = item[KEY]["S"], int(item[WRITTEN_AT]["N"])
            if written_at < before and not referenced(content_hash):
                yield content_hash, written_at

    def retire(self, bodies: Iterable[tuple[str, int]]) -> int:
        """Delete bodies, but for those written anew since they were found. Returns how many went."""
        with ThreadPoolExecutor(_RETIRING_THREADS) as pool:
            return sum(pool.map(self._delete, bodies))

    def _delete(self, body: tuple[str, int]) -> int:
        content_hash, written_at = body
        try:
            self.dynamodb.delete_item(
                TableName=self.name,
                Key={KEY: {"S": content_hash}},
                ConditionExpression=f"{WRITTEN_AT} = :seen",
                ExpressionAttributeValues={":seen": {"N": str(written_at)}},
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return 0
        return 1

    def _fetch(self, hashes: Sequence[str], found: dict[str, int]) -> None:
        wanted: Any = {
            self.name: {
                "Keys": [{KEY: {"S": content_hash}} for content_hash in hashes],
                "ProjectionExpression": f"{KEY}, {WRITTEN_AT}",
                "ConsistentRead": True,
            }
        }
        for attempt in _retrying():
            with attempt:
                answer = self.dynamodb.batch_get_item(RequestItems=wanted)
                for item in answer["Responses"].get(self.name, []):
                    found[item[KEY]["S"]] = int(item[WRITTEN_AT]["N"])
                wanted = answer.get("UnprocessedKeys")
                if wanted:
                    raise _Unprocessed

    def _put_all(self, puts: list[Any]) -> None:
        left: Any = {self.name: puts}
        for attempt in _retrying():
            with attempt:
                left = self.dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")
                if left:
                    raise _Unprocessed


def _put(content_hash: str, body: bytes, written_at: int) -> dict[str, Any]:
    item = {KEY: {"S": content_hash}, BODY: {"B": body}, WRITTEN_AT: {"N": str(written_at)}}
    return {"PutRequest": {"Item": item}}


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


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
