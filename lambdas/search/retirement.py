"""Tidying up after a switch: indexes that neither the served corpus nor the one before it needs."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.pointer import Pointer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INDEXES: Final = "indexes/"
# What was written a short while ago may belong to an ingest that runs beside this one and has yet to switch.
GRACE: Final = timedelta(hours=1)


def retire_indexes(s3: "S3Client", bucket: str, pointer: Pointer, now: datetime) -> tuple[int, str]:
    """Delete indexes older than `GRACE` that are not needed; returns how many, and what went wrong, if anything.

    A failure is told, not raised: the new corpus is served already.
    """
    retired = 0
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=INDEXES)
        for item in [item for page in pages for item in page.get("Contents", ())]:
            if item["Key"] not in (pointer.snapshot_key, pointer.previous_key) and item["LastModified"] < now - GRACE:
                s3.delete_object(Bucket=bucket, Key=item["Key"])
                retired += 1
    except (BotoCoreError, ClientError) as error:
        return retired, f"old indexes are still there: {type(error).__name__}"
    return retired, ""
