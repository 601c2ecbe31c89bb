"""The stories table's version pointer: names the served catalog."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.common.aws.version_pointer import PointerItem
from lambdas.stories.story_items import KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ITEM: Final[dict[str, Any]] = {KEY: {"S": "corpus#current"}}


@dataclass(frozen=True)
class Pointer:
    """The served catalog, and the key of the previous one ("" at first)."""

    corpus_version: str
    listing_key: str
    sha256: str
    count: int
    ingested_at: str
    previous_key: str = ""


def pointer_item(dynamodb: "DynamoDBClient", table: str) -> PointerItem[Pointer]:
    return PointerItem(dynamodb, table, _ITEM, Pointer)
