"""A snapshot's way from S3 to this function's disk: fetched once, checked, and shared by the processes that see it."""

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
    """Where snapshots come from and where they are kept."""

    s3: "S3Client"
    bucket: str
    folder: Path

    def load(self, key: str, sha256: str) -> Snapshot:
        """The snapshot under `key`: the file on disk if it is there and whole, else a fresh download.

        Raises
        ------
        SnapshotError
            What was downloaded does not match `sha256`.
        BotoCoreError, ClientError
            S3 does not answer, or has no such object.
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
        """Free the disk of a snapshot no longer served. Processes that have it mapped keep it."""
        (self.folder / f"{sha256}.safetensors").unlink(missing_ok=True)

    def _download(self, key: str, path: Path) -> None:
        """Write beside the final name and rename, so that nobody ever maps half a file."""
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
