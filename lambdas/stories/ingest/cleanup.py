"""Cleanup after a switch: deletes bodies and catalogs of neither the served nor the previous corpus."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.index.snapshot import SnapshotError, unpack_snapshot
from lambdas.common.ingest.run import GRACE
from lambdas.stories.pointer import Pointer
from lambdas.stories.story_table import StoryTable


@dataclass(frozen=True)
class CleanupResult:
    bodies: int = 0
    listings: int = 0
    problem: str = ""


def clean_up(
    listings: SnapshotBucket, bodies: StoryTable, pointer: Pointer, served: Collection[str], now: datetime
) -> CleanupResult:
    """Delete bodies and catalogs older than `GRACE` that neither the served nor the previous corpus needs.

    A failure is reported, not raised: the new corpus is already served.
    """
    cutoff = now - GRACE
    try:
        before = referenced_hashes(listings.read(pointer.previous_key)) if pointer.previous_key else frozenset()
        return CleanupResult(
            bodies.delete_unreferenced(lambda key: key in served or key in before, int(cutoff.timestamp())),
            listings.delete_old((pointer.listing_key, pointer.previous_key), cutoff),
        )
    except (BotoCoreError, ClientError, SnapshotError) as error:
        return CleanupResult(problem=f"old bodies or listings are still there: {type(error).__name__}")


def referenced_hashes(listing: bytes) -> frozenset[str]:
    """Content hashes of the bodies that a catalog references."""
    return frozenset(row.tobytes().hex() for row in unpack_snapshot(listing).array("hashes"))
