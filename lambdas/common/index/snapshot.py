"""Snapshots: one safetensors file of named arrays, string tables and metadata, read through a memory map.

The file is an ordinary safetensors file. It is parsed here because the library copies every tensor, while a function
should touch only the pages it needs.
"""

import hashlib
import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_LENGTH_BYTES: Final = 8
_MAX_HEADER: Final = 100_000_000
_METADATA_KEY: Final = "snapshot"
_DTYPES: Final = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "I32": np.int32,
    "I64": np.int64,
    "F32": np.float32,
}

Arrays = Mapping[str, NDArray[Any]]


class SnapshotError(Exception):
    """The file is not the expected snapshot: damaged, truncated, or of another format."""


class Strings:
    """A read-only table of strings, stored as UTF-8 in one block."""

    def __init__(self, blob: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        self._blob = blob.data
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> str:
        return bytes(self.raw(index)).decode()

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def raw(self, index: int) -> memoryview:
        """One string's UTF-8, not copied."""
        return self._blob[self._offsets[index] : self._offsets[index + 1]]

    def many(self, indices: NDArray[np.integer]) -> list[bytes]:
        """Several strings' UTF-8; batched, faster than one lookup at a time."""
        starts, ends = self._offsets.take(indices).tolist(), self._offsets.take(indices + 1).tolist()
        return [self._blob[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]

    def find(self, value: str) -> int | None:
        """Index of `value` in a sorted table; None if it is missing."""
        wanted = value.encode()
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if bytes(self.raw(middle)) < wanted:  # UTF-8 sorts as its code points do
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and bytes(self.raw(low)) == wanted else None


@dataclass(frozen=True)
class Snapshot:
    """Named arrays, string tables, and JSON metadata."""

    arrays: Arrays
    metadata: Mapping[str, Any]

    def array(self, name: str) -> NDArray[Any]:
        """The array of that name; read from a file it is a read-only view, never a copy.

        Raises
        ------
        SnapshotError
            There is none.
        """
        try:
            return self.arrays[name]
        except KeyError as error:
            raise SnapshotError(f"the snapshot has no array {name!r}") from error

    def strings(self, name: str) -> Strings:
        """The string table that `string_table` wrote under a name."""
        return Strings(self.array(f"{name}.utf8"), self.array(f"{name}.offsets"))


def string_table(name: str, strings: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The two arrays of a string table. `Strings.find` needs sorted strings."""
    encoded = [string.encode() for string in strings]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(item) for item in encoded], out=offsets[1:])
    return {f"{name}.utf8": np.frombuffer(b"".join(encoded), np.uint8), f"{name}.offsets": offsets}


def pack_snapshot(snapshot: Snapshot) -> bytes:
    """One safetensors file: the same bytes for the same content."""
    from safetensors.numpy import save  # noqa: PLC0415 - loaded by writers only

    # All metadata under one key: safetensors writes several keys in no fixed order.
    described = {_METADATA_KEY: json.dumps(snapshot.metadata, sort_keys=True)}
    arrays = {name: np.ascontiguousarray(snapshot.arrays[name]) for name in sorted(snapshot.arrays)}
    packed: bytes = save(arrays, described)
    return packed


def load_snapshot(path: Path, sha256: str) -> Snapshot:
    """Map a snapshot file after checking it against its SHA-256 (hex).

    Raises
    ------
    SnapshotError
        The file is not the one the checksum was made of, or not a snapshot.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise SnapshotError("the file is empty")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(mapped).hexdigest() != sha256:
        raise SnapshotError("the file does not match its checksum")
    return unpack_snapshot(mapped)


def unpack_snapshot(buffer: bytes | mmap.mmap) -> Snapshot:
    """Views over a snapshot's bytes.

    Raises
    ------
    SnapshotError
        The bytes are no snapshot.
    """
    data_start = _LENGTH_BYTES + int.from_bytes(buffer[:_LENGTH_BYTES], "little")
    if not _LENGTH_BYTES < data_start <= min(len(buffer), _MAX_HEADER):
        raise SnapshotError("the file is not a snapshot")
    try:
        header = json.loads(buffer[_LENGTH_BYTES:data_start])
        metadata = json.loads(header.pop("__metadata__")[_METADATA_KEY])
        arrays = {name: _view(buffer, data_start, entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError("the file's header is not a snapshot's") from error
    return Snapshot(arrays, metadata)


def _view(buffer: bytes | mmap.mmap, data_start: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    start, end = entry["data_offsets"]
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    count = (end - start) // dtype.itemsize
    flat: NDArray[Any] = np.frombuffer(buffer, dtype, count=count, offset=data_start + start)
    return flat.reshape(entry["shape"])
