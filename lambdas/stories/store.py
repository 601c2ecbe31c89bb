"""What the stories functions read: the current listing, and bodies by the hash of their content."""

from functools import cache
from typing import TYPE_CHECKING

from contracts.story import Story
from lambdas.common.aws.clients import dynamodb_client, s3_client
from lambdas.common.aws.snapshot_cache import SnapshotSource
from lambdas.common.live_version import LiveVersion
from lambdas.stories.catalog import Catalogue
from lambdas.stories.pointer import Pointer, pointer_item
from lambdas.stories.settings import stories_settings
from lambdas.stories.story_items import BODY, KEY, decode_body

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class StoryStore:
    """The corpus as the pointer names it."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, listings: SnapshotSource) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._listings = listings
        self._on_disk = ""
        self._current = LiveVersion[Pointer, Catalogue](pointer_item(dynamodb, table).read, self._load)

    def catalogue(self) -> Catalogue:
        """The listing to answer from; it may be `REFRESH_SECONDS` behind the pointer."""
        return self._current.get()

    def refreshed(self) -> Catalogue:
        """The listing that the pointer names right now."""
        return self._current.refresh()

    def story(self, content_hash: str) -> Story | None:
        """One body; None if it is not there, also not on a second look that waits for the latest write."""
        for consistent in (False, True):
            found = self._dynamodb.get_item(
                TableName=self._table, Key={KEY: {"S": content_hash}}, ConsistentRead=consistent
            )
            if item := found.get("Item"):
                return decode_body(item[BODY]["B"])
        return None

    def _load(self, pointer: Pointer) -> Catalogue:
        catalogue = Catalogue(self._listings.load(pointer.listing_key, pointer.sha256))
        if self._on_disk not in ("", pointer.sha256):
            self._listings.forget(self._on_disk)
        self._on_disk = pointer.sha256
        return catalogue


@cache
def story_store() -> StoryStore:
    """The store of this process."""
    settings = stories_settings()
    listings = SnapshotSource(s3_client(), settings.listing_bucket, settings.snapshot_folder)
    return StoryStore(dynamodb_client(), settings.table_name, listings)
