"""The pointer: one item that names the edition being served."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.industries.items import PARTITION, item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

POINTER: Final = "current"


@dataclass(frozen=True)
class Pointer:
    """Which edition is served, in which format, and which edition was served before ("" at first)."""

    edition: str
    corpus_version: str
    format: int
    ingested_at: str
    previous: str = ""


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
    found = dynamodb.get_item(TableName=table, Key=item_key(POINTER, POINTER), ConsistentRead=consistent)
    item = found.get("Item")
    if item is None:
        raise NoCorpus
    return Pointer(
        edition=item["edition"]["S"],
        corpus_version=item["corpus_version"]["S"],
        format=int(item["format"]["N"]),
        ingested_at=item["ingested_at"]["S"],
        previous=item["previous"]["S"],
    )


def switch_pointer(dynamodb: "DynamoDBClient", table: str, pointer: Pointer, seen: Pointer | None) -> None:
    """Write the pointer if it still is what was seen.

    Raises
    ------
    dynamodb.exceptions.ConditionalCheckFailedException
        Someone else wrote it in between.
    """
    fields = {name: {"S": value} for name, value in asdict(pointer).items()}
    item: dict[str, Any] = {**item_key(POINTER, POINTER), **fields, "format": {"N": str(pointer.format)}}
    if seen is None:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression=f"attribute_not_exists({PARTITION})")
        return
    dynamodb.put_item(
        TableName=table,
        Item=item,
        ConditionExpression="edition = :seen",
        ExpressionAttributeValues={":seen": {"S": seen.edition}},
    )
