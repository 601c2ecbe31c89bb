"""What the industries functions read: the current edition, and the answers kept in it."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from lambdas.common.aws.clients import dynamodb_client
from lambdas.common.live_version import LiveVersion
from lambdas.industries.answer_items import BODY, FORMAT, LIST, SLUGS, decode_text, item_key
from lambdas.industries.pointer import Pointer, pointer_item
from lambdas.industries.settings import industries_settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_ANSWERS: Final = 128


class WrongFormat(Exception):
    """The edition was made by other code: the corpus has to be ingested again with this one."""


class ItemMissing(Exception):
    """The edition has no such item, or no longer: what is not served is retired some time."""


@dataclass(frozen=True)
class PublishedVersion:
    """One edition: its list of industries as JSON, and the slugs of all its industries."""

    key: str
    list_json: str
    slugs: frozenset[str]


class EditionStore:
    """The editions as the pointer names them. Answers once read are kept, whatever becomes of the table."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._current = LiveVersion[Pointer, PublishedVersion](pointer_item(dynamodb, table).read, self._load)
        self._answers = lru_cache(KEPT_ANSWERS)(self._read_answer)

    def edition(self) -> PublishedVersion:
        """The edition to answer from; it may be `REFRESH_SECONDS` behind the pointer."""
        return self._current.get()

    def refreshed(self) -> PublishedVersion:
        """The edition that the pointer names right now."""
        return self._current.refresh()

    def answer(self, edition: PublishedVersion, name: str) -> str:
        """One answer of an edition, as JSON.

        Raises
        ------
        Gone
        BotoCoreError, ClientError
            The table does not answer, and this answer is not at hand.
        """
        return self._answers(edition.key, name)

    def _load(self, pointer: Pointer) -> PublishedVersion:
        if pointer.format != FORMAT:
            raise WrongFormat
        item = self._item(pointer.edition, LIST)
        return PublishedVersion(pointer.edition, decode_text(item[BODY]), frozenset(decode_text(item[SLUGS]).split()))

    def _read_answer(self, edition: str, name: str) -> str:
        return decode_text(self._item(edition, name)[BODY])

    def _item(self, edition: str, name: str) -> dict[str, Any]:
        """An item, looked for again in a way that waits for the latest write before it counts as gone."""
        for consistent in (False, True):
            key = item_key(edition, name)
            found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=consistent)
            if item := found.get("Item"):
                return dict(item)
        raise ItemMissing


@cache
def edition_store() -> EditionStore:
    """The store of this process."""
    return EditionStore(dynamodb_client(), industries_settings().table_name)
