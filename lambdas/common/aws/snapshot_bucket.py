"""The snapshots of a bucket, as an ingest writes them and deletes old ones."""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class SnapshotBucket:
    """The snapshots of a bucket, whose keys begin with `prefix`. Errors of S3 are raised unchanged."""

    s3: "S3Client"
    bucket: str
    prefix: str

    def read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def whole(self, key: str, sha256: str) -> bytes | None:
        """A snapshot; None if it is missing or damaged."""
        try:
            packed = self.read(key)
        except self.s3.exceptions.NoSuchKey:
            return None
        return packed if hashlib.sha256(packed).hexdigest() == sha256 else None

    def add(self, corpus_version: str, packed: bytes) -> str:
        """Store a snapshot under a new key and return the key."""
        key = f"{self.prefix}{corpus_version}-{uuid.uuid4().hex}.safetensors"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=packed)
        return key

    def delete_old(self, kept: Collection[str], before: datetime) -> int:
        """Delete snapshots written before a moment, except those in `kept`. Returns the number deleted."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        old = [
            item["Key"]
            for page in pages
            for item in page.get("Contents", ())
            if item["Key"] not in kept and item["LastModified"] < before
        ]
        for key in old:
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        return len(old)
