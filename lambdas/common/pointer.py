"""The pointer: one item that names the snapshot being served."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: Final = "pk"
POINTER_KEY: Final = "corpus#current"


@dataclass(frozen=True)
class Pointer:
    """Which snapshot is served, and which one was before (its key and corpus version are "" at first).

    `fingerprint` says what the snapshot was made of, so that the same need not be made twice.
    """

    corpus_version: str
    fingerprint: str
    snapshot_key: str
    sha256: str
    count: int
    ingested_at: str
    previous_key: str = ""
    previous_version: str = ""


class NoCorpus(Exception):
    """Nothing has been ingested yet."""


def read_pointer(dynamodb: "DynamoDBClient", table: str, *, consistent: bool = False) -> Pointer:
    """The pointer as it stands.

    Raises
    ------
    NoCorpus
    BotoCoreError, ClientError
        The table does not answer.
    """
    found = dynamodb.get_item(TableName=table, Key={KEY: {"S": POINTER_KEY}}, ConsistentRead=consistent)
    item = found.get("Item")
    if item is None:
        raise NoCorpus
    return Pointer(
        corpus_version=item["corpus_version"]["S"],
        fingerprint=item["fingerprint"]["S"],
        snapshot_key=item["snapshot_key"]["S"],
        sha256=item["sha256"]["S"],
        count=int(item["count"]["N"]),
        ingested_at=item["ingested_at"]["S"],
        previous_key=item["previous_key"]["S"],
        previous_version=item["previous_version"]["S"],
    )


def switch_pointer(dynamodb: "DynamoDBClient", table: str, pointer: Pointer, seen: Pointer | None) -> None:
    """Write the pointer if it still is what was seen.

    Raises
    ------
    dynamodb.exceptions.ConditionalCheckFailedException
        Someone else wrote it in between.
    """
    item: dict[str, Any] = {name: {"S": value} for name, value in asdict(pointer).items()}
    item |= {KEY: {"S": POINTER_KEY}, "count": {"N": str(pointer.count)}}
    if seen is None:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression=f"attribute_not_exists({KEY})")
        return
    dynamodb.put_item(
        TableName=table,
        Item=item,
        ConditionExpression="snapshot_key = :seen",
        ExpressionAttributeValues={":seen": {"S": seen.snapshot_key}},
    )
