"""Disk cache of snapshots: downloads one from S3 once, verifies it, and maps it."""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lambdas.common.index.snapshot import Snapshot, SnapshotError, load_snapshot
from lambdas.common.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True)
class SnapshotSource:
    """A bucket of snapshots and the folder that caches them."""

    s3: "S3Client"
    bucket: str
    folder: Path

    def load(self, key: str, sha256: str) -> Snapshot:
        """The snapshot under `key`: from disk if present and intact, else downloaded.

        Raises
        ------
        SnapshotError
            The download does not match `sha256`.
        BotoCoreError, ClientError
            S3 does not respond, or has no such object.
        """
        path = self.folder / f"{sha256}.safetensors"
        with contextlib.suppress(FileNotFoundError):
            try:
                return load_snapshot(path, sha256)
            except SnapshotError as error:
                logger.warning("stored snapshot is damaged, fetching it again", extra={"reason": str(error)})
        self._download(key, path)
        return load_snapshot(path, sha256)

    def forget(self, sha256: str) -> None:
        """Delete the file of a snapshot that is no longer served. Processes that have it mapped keep it."""
        (self.folder / f"{sha256}.safetensors").unlink(missing_ok=True)

    def _download(self, key: str, path: Path) -> None:
        """Write to a temporary file and rename it, so that no process maps a partial file."""
        body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"]
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=self.folder, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in body.iter_chunks(_CHUNK):
                    file.write(chunk)
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
