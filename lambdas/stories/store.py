"""Reads the served catalog, and bodies by content hash."""

from collections.abc import Callable, Collection
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from contracts.story import Story
from lambdas.common.aws.clients import dynamodb_client, s3_client
from lambdas.common.aws.snapshot_cache import SnapshotSource
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http.problems import Throttled
from lambdas.common.live_version import LiveVersion
from lambdas.stories.catalog import Catalog
from lambdas.stories.pointer import Pointer
from lambdas.stories.settings import stories_settings
from lambdas.stories.story_items import BODY, KEY, decode_body

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_RETRIES: Final = 4
_LONGEST_WAIT: Final = 0.2


class StoryStore:
    """The corpus that the pointer names."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, listings: SnapshotSource) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._listings = listings
        self._on_disk = ""
        self._current = LiveVersion[Pointer, Catalog](PointerItem(dynamodb, table, Pointer).read, self._load)

    def catalog(self) -> Catalog:
        """The catalog to answer from; it may be `REFRESH_SECONDS` behind the pointer."""
        return self._current.get()

    def refreshed(self) -> Catalog:
        """The catalog that the pointer names now."""
        return self._current.refresh()

    def story(self, content_hash: str) -> Story | None:
        """One body; None if it is missing in a consistent read too."""
        for consistent in (False, True):
            found = self._dynamodb.get_item(
                TableName=self._table, Key={KEY: {"S": content_hash}}, ConsistentRead=consistent
            )
            if item := found.get("Item"):
                return decode_body(item[BODY]["B"])
        return None

    def stories(self, content_hashes: Collection[str]) -> dict[str, Story]:
        """Bodies by content hash, at most `MAX_BATCH`; a missing one is looked up again in a consistent read.

        Raises
        ------
        Throttled
            The table left some unprocessed at each attempt.
        """
        found: dict[str, Story] = {}
        for consistent in (False, True):
            missing = set(content_hashes).difference(found)
            if missing:
                found |= self._read_batch(missing, consistent=consistent)
        return found

    def _read_batch(self, content_hashes: Collection[str], *, consistent: bool) -> dict[str, Story]:
        found: dict[str, Story] = {}

        def read(requests: Any) -> Any:
            answer = self._dynamodb.batch_get_item(RequestItems=requests)
            items = answer["Responses"].get(self._table, [])
            found.update({item[KEY]["S"]: decode_body(item[BODY]["B"]) for item in items})
            return answer.get("UnprocessedKeys")

        keys = [{KEY: {"S": content_hash}} for content_hash in sorted(content_hashes)]
        if unprocessed := read({self._table: {"Keys": keys, "ConsistentRead": consistent}}):
            _retry(unprocessed, read)
        return found

    def _load(self, pointer: Pointer) -> Catalog:
        catalog = Catalog(self._listings.load(pointer.listing_key, pointer.sha256))
        if self._on_disk not in ("", pointer.sha256):
            self._listings.forget(self._on_disk)
        self._on_disk = pointer.sha256
        return catalog


@cache
def story_store() -> StoryStore:
    """The store of this process."""
    settings = stories_settings()
    listings = SnapshotSource(s3_client(), settings.listing_bucket, settings.snapshot_folder)
    return StoryStore(dynamodb_client(), settings.table_name, listings)


def _retry(unprocessed: Any, read: Callable[[Any], Any]) -> None:
    from tenacity import RetryError  # noqa: PLC0415  a cold start does without it

    from lambdas.common.aws.timestamped_table import send_with_retry  # noqa: PLC0415

    try:
        send_with_retry(unprocessed, read, attempts=_RETRIES, longest_wait=_LONGEST_WAIT)
    except RetryError as error:
        raise Throttled from error
