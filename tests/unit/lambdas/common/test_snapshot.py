"""Snapshots: round trips, and detection of damage."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as load_with_safetensors

from lambdas.common.index.snapshot import (
    Snapshot,
    SnapshotError,
    load_snapshot,
    pack_snapshot,
    string_table,
    unpack_snapshot,
)

VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


def sample() -> Snapshot:
    arrays = {"vectors": VECTORS, "flags": np.array([True, False, True]), **string_table("ids", ["a", "b|c", "é"])}
    return Snapshot(arrays, {"model": "wörd", "count": 3})


def written(folder: Path, data: bytes) -> tuple[Path, str]:
    path = folder / "snapshot.safetensors"
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    loaded = load_snapshot(*written(tmp_path, pack_snapshot(sample())))
    assert loaded.metadata == {"model": "wörd", "count": 3}
    np.testing.assert_array_equal(loaded.array("vectors"), VECTORS)
    assert loaded.array("vectors").dtype == np.float32
    assert list(loaded.strings("ids")) == ["a", "b|c", "é"]


def test_arrays_are_read_only_views(tmp_path: Path) -> None:
    vectors = load_snapshot(*written(tmp_path, pack_snapshot(sample()))).array("vectors")
    assert not vectors.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        vectors[0, 0] = 1


def test_a_snapshot_outlives_its_file(tmp_path: Path) -> None:
    path, digest = written(tmp_path, pack_snapshot(sample()))
    loaded = load_snapshot(path, digest)
    path.unlink()
    assert loaded.strings("ids")[1] == "b|c"


def test_other_programs_can_read_the_file() -> None:
    np.testing.assert_array_equal(load_with_safetensors(pack_snapshot(sample()))["vectors"], VECTORS)


def test_the_same_content_is_the_same_bytes() -> None:
    backwards = Snapshot(dict(reversed(sample().arrays.items())), dict(reversed(sample().metadata.items())))
    assert pack_snapshot(sample()) == pack_snapshot(backwards)


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:5], lambda d: b"", lambda d: d[:-3] + b"\0\0\0"])
def test_a_damaged_file_is_rejected(tmp_path: Path, damage: "type[bytes]") -> None:
    data = pack_snapshot(sample())
    path, _ = written(tmp_path, damage(data))
    with pytest.raises(SnapshotError):
        load_snapshot(path, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 8,
        b"\xff" * 16,
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"\xff{}}",
        pack_snapshot(sample())[:-8],
    ],
)
def test_bytes_that_are_no_snapshot_are_rejected(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        unpack_snapshot(data)


def test_an_array_that_is_not_there_is_named() -> None:
    with pytest.raises(SnapshotError, match="nothing"):
        sample().array("nothing")


@given(st.sets(st.text(st.characters(codec="utf-8"), max_size=8), max_size=20), st.text(st.characters(codec="utf-8")))
def test_a_string_is_found_at_its_index(strings: set[str], other: str) -> None:
    ordered = sorted(strings)
    table = Snapshot(string_table("s", ordered), {}).strings("s")
    assert [table.find(string) for string in ordered] == list(range(len(ordered)))
    assert (table.find(other) is None) == (other not in strings)
