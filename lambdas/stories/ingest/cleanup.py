"""Tidying up after a switch: bodies and listings that neither the served corpus nor the one before it needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.index.snapshot import SnapshotError, unpack_snapshot
from lambdas.common.ingest.run import GRACE
from lambdas.stories.pointer import Pointer
from lambdas.stories.story_table import BodyTable


@dataclass(frozen=True)
class CleanupResult:
    bodies: int = 0
    listings: int = 0
    problem: str = ""


def retire(
    listings: SnapshotBucket, bodies: BodyTable, pointer: Pointer, served: Collection[str], now: datetime
) -> CleanupResult:
    """Delete what is older than `GRACE` and neither among the `served` bodies nor in the corpus before.

    A failure is told, not raised: the new corpus is served already.
    """
    cutoff = now - GRACE
    try:
        before = hashes_in(listings.read(pointer.previous_key)) if pointer.previous_key else frozenset()
        return CleanupResult(
            bodies.retire(lambda key: key in served or key in before, int(cutoff.timestamp())),
            listings.retire((pointer.listing_key, pointer.previous_key), cutoff),
        )
    except (BotoCoreError, ClientError, SnapshotError) as error:
        return CleanupResult(problem=f"old bodies or listings are still there: {type(error).__name__}")


def hashes_in(listing: bytes) -> frozenset[str]:
    """The bodies a listing references, by content hash."""
    return frozenset(row.tobytes().hex() for row in unpack_snapshot(listing).array("hashes"))
