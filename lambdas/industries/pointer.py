"""The industries table's version pointer: names the served version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lambdas.common.aws.version_pointer import PointerItem
from lambdas.industries.answer_items import item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

POINTER: Final = "current"


@dataclass(frozen=True)
class Pointer:
    """The served version, its format, and the previous version ("" at first)."""

    edition: str
    corpus_version: str
    format: int
    ingested_at: str
    previous: str = ""


def pointer_item(dynamodb: "DynamoDBClient", table: str) -> PointerItem[Pointer]:
    return PointerItem(dynamodb, table, item_key(POINTER, POINTER), Pointer)
