"""Disk cache of snapshots."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lambdas.common.aws.snapshot_cache import SnapshotSource
from lambdas.common.index.snapshot import Snapshot, SnapshotError, pack_snapshot

DATA = pack_snapshot(Snapshot({"numbers": np.arange(5)}, {}))
SHA256 = hashlib.sha256(DATA).hexdigest()


class FakeBody:
    def __init__(self, data: bytes, *, breaks: bool) -> None:
        self._data = data
        self._breaks = breaks

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield self._data[:10]
        if self._breaks:
            raise ConnectionError
        yield self._data[10:]


class FakeS3:
    """One object under any key."""

    def __init__(self, data: bytes = DATA, *, breaks: bool = False) -> None:
        self.data = data
        self.breaks = breaks
        self.gets = 0

    def get_object(self, **_: Any) -> dict[str, FakeBody]:
        self.gets += 1
        return {"Body": FakeBody(self.data, breaks=self.breaks)}


def source(s3: FakeS3, folder: Path) -> SnapshotSource:
    return SnapshotSource(s3, "bucket", folder / "new")  # type: ignore[arg-type]


def test_a_snapshot_is_fetched_once(tmp_path: Path) -> None:
    s3 = FakeS3()
    for _ in range(3):
        loaded = source(s3, tmp_path).load("key", SHA256)
    assert s3.gets == 1
    assert loaded.array("numbers").tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("damaged", [b"", b"x" * len(DATA), DATA[:-1]])
def test_a_damaged_file_on_disk_is_fetched_again(tmp_path: Path, damaged: bytes) -> None:
    s3 = FakeS3()
    path = tmp_path / "new" / f"{SHA256}.safetensors"
    path.parent.mkdir()
    path.write_bytes(damaged)
    source(s3, tmp_path).load("key", SHA256)
    assert (s3.gets, path.read_bytes()) == (1, DATA)


def test_a_download_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        source(FakeS3(breaks=True), tmp_path).load("key", SHA256)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_damaged_object_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError):
        source(FakeS3(DATA[:-1]), tmp_path).load("key", SHA256)


def test_a_forgotten_snapshot_is_gone_from_disk_but_readable_where_it_is_loaded(tmp_path: Path) -> None:
    snapshots = source(FakeS3(), tmp_path)
    loaded = snapshots.load("key", SHA256)
    snapshots.forget(SHA256)
    snapshots.forget(SHA256)
    assert list((tmp_path / "new").iterdir()) == []
    assert loaded.array("numbers").sum() == 10
