"""Postings: for each code of a vocabulary the rows that carry it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambdas.common.index.snapshot import Snapshot

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
Integers = NDArray[np.int64]


class Postings:
    """For each code the rows that carry it, in order: `rows[starts[code]:starts[code + 1]]`."""

    def __init__(self, starts: Integers, rows: Rows) -> None:
        self.starts = starts
        self.rows = rows

    @classmethod
    def of(cls, snapshot: Snapshot, name: str) -> "Postings":
        """The postings that `postings` wrote under a name."""
        return cls(snapshot.array(f"{name}.starts"), snapshot.array(f"{name}.rows"))

    def __getitem__(self, code: int) -> Rows:
        return self.rows[self.starts[code] : self.starts[code + 1]]

    def many(self, codes: Integers) -> list[Rows]:
        """The rows of several codes; batched, faster than one lookup at a time."""
        starts, stops = self.starts.take(codes).tolist(), self.starts.take(codes + 1).tolist()
        return [self.rows[start:stop] for start, stop in zip(starts, stops, strict=True)]

    def carried(self, code: int, rows: Rows) -> Mask:
        """For each of some rows, whether it carries a code. By bisection, so a code's other rows cost nothing."""
        carriers = self[code]
        if not len(carriers):
            return np.zeros(len(rows), np.bool_)
        found: Mask = carriers.take(np.searchsorted(carriers, rows), mode="clip") == rows
        return found


def runs(starts: Integers, rows: Rows) -> tuple[Integers, Integers, Integers]:
    """The concatenated runs `starts[row]:starts[row + 1]` of some rows.

    All their places, where among these each run begins, and how long each is.
    """
    first = starts.take(rows)
    lengths = starts.take(rows + 1) - first
    begins = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(first - begins, lengths), begins, lengths


def postings(name: str, carried: Sequence[NDArray[Any]], size: int) -> dict[str, NDArray[Any]]:
    """Convert each row's codes (distinct, below `size`) into the two arrays of postings."""
    flat = np.concatenate(carried) if carried else np.empty(0, np.int64)
    rows = np.repeat(np.arange(len(carried), dtype=np.int32), [len(codes) for codes in carried])
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(flat, minlength=size), out=starts[1:])
    return {f"{name}.starts": starts, f"{name}.rows": rows[np.argsort(flat, kind="stable")]}
