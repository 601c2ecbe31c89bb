"""Tidying up after a switch: bodies and listings that neither the served corpus nor the one before it needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.snapshot import SnapshotError, unpack_snapshot
from lambdas.stories.body_table import BodyTable
from lambdas.stories.pointer import LISTINGS, Pointer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# What was written a short while ago may belong to an ingest that runs beside this one and has yet to switch.
GRACE: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Retired:
    bodies: int = 0
    listings: int = 0
    problem: str = ""


def retire(
    s3: "S3Client", bucket: str, bodies: BodyTable, pointer: Pointer, served: Collection[str], now: datetime
) -> Retired:
    """Delete what is older than `GRACE` and neither among the `served` bodies nor in the corpus before.

    A failure is told, not raised: the new corpus is served already.
    """
    cutoff = now - GRACE
    try:
        before = hashes_in(read_listing(s3, bucket, pointer.previous_key)) if pointer.previous_key else frozenset()
        unneeded = bodies.unreferenced(lambda key: key in served or key in before, int(cutoff.timestamp()))
        return Retired(bodies.retire(unneeded), _retire_listings(s3, bucket, pointer, cutoff))
    except (BotoCoreError, ClientError, SnapshotError) as error:
        return Retired(problem=f"old bodies or listings are still there: {type(error).__name__}")


def read_listing(s3: "S3Client", bucket: str, key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def hashes_in(listing: bytes) -> frozenset[str]:
    """The bodies a listing references, by content hash."""
    return frozenset(row.tobytes().hex() for row in unpack_snapshot(listing).array("hashes"))


def _retire_listings(s3: "S3Client", bucket: str, pointer: Pointer, cutoff: datetime) -> int:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=LISTINGS)
    old = [
        item["Key"]
        for page in pages
        for item in page.get("Contents", ())
        if item["Key"] not in (pointer.listing_key, pointer.previous_key) and item["LastModified"] < cutoff
    ]
    for key in old:
        s3.delete_object(Bucket=bucket, Key=key)
    return len(old)
