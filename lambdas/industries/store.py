"""Reads the served version and its precomputed answers."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from lambdas.common.aws.clients import dynamodb_client
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.live_version import LiveVersion
from lambdas.industries.answer_items import BODY, FORMAT, LIST, SLUGS, decode_text, item_key
from lambdas.industries.pointer import Pointer
from lambdas.industries.settings import industries_settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_ANSWERS: Final = 128


class WrongFormat(Exception):
    """The served version has another format: ingest the corpus again with this code."""


class ItemMissing(Exception):
    """The version has no such item; items of versions that are not served are deleted eventually."""


@dataclass(frozen=True)
class PublishedVersion:
    """A version: its list of industries as JSON, and the slugs of all its industries."""

    key: str
    list_json: str
    slugs: frozenset[str]
    corpus_version: str


class AnswerStore:
    """The version that the pointer names, and an LRU cache of its answers."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._current = LiveVersion[Pointer, PublishedVersion](PointerItem(dynamodb, table, Pointer).read, self._load)
        self._answers = lru_cache(KEPT_ANSWERS)(self._read_answer)

    def edition(self) -> PublishedVersion:
        """The version to answer from; it may be `REFRESH_SECONDS` behind the pointer."""
        return self._current.get()

    def refreshed(self) -> PublishedVersion:
        """The version that the pointer names now."""
        return self._current.refresh()

    def answer(self, edition: PublishedVersion, name: str) -> str:
        """One answer of a version, as JSON.

        Raises
        ------
        ItemMissing
        BotoCoreError, ClientError
            The table does not respond and the answer is not cached.
        """
        return self._answers(edition.key, name)

    def _load(self, pointer: Pointer) -> PublishedVersion:
        if pointer.format != FORMAT:
            raise WrongFormat
        item = self._item(pointer.edition, LIST)
        slugs = frozenset(decode_text(item[SLUGS]).split())
        return PublishedVersion(pointer.edition, decode_text(item[BODY]), slugs, pointer.corpus_version)

    def _read_answer(self, edition: str, name: str) -> str:
        return decode_text(self._item(edition, name)[BODY])

    def _item(self, edition: str, name: str) -> dict[str, Any]:
        """An item; read again consistently before it counts as missing."""
        for consistent in (False, True):
            key = item_key(edition, name)
            found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=consistent)
            if item := found.get("Item"):
                return dict(item)
        raise ItemMissing


@cache
def answer_store() -> AnswerStore:
    """The store of this process."""
    return AnswerStore(dynamodb_client(), industries_settings().table_name)
