"""What the search table's pointer says: which index is searched."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lambdas.common.aws.version_pointer import PointerItem

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ITEM: Final[dict[str, Any]] = {"pk": {"S": "corpus#current"}}


@dataclass(frozen=True)
class Pointer:
    """Which index is searched, and which one was before (its key and corpus version are "" at first).

    `fingerprint` says what the index was made of, so that the same need not be made twice.
    """

    corpus_version: str
    fingerprint: str
    snapshot_key: str
    sha256: str
    count: int
    ingested_at: str
    previous_key: str = ""
    previous_version: str = ""


def pointer_item(dynamodb: "DynamoDBClient", table: str) -> PointerItem[Pointer]:
    return PointerItem(dynamodb, table, _ITEM, Pointer)
