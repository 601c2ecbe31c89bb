"""The stack that an ingest fills."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class TableTarget:
    """A stack's table, and the clock of the ingest."""

    dynamodb: "DynamoDBClient"
    table: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class SnapshotTarget(TableTarget):
    """A stack's table and its bucket of snapshots."""

    s3: "S3Client"
    bucket: str
