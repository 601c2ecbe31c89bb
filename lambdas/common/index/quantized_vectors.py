"""Quantized vectors: eight bits per number, to preselect the rows whose exact cosine is computed.

Each number is stored as a multiple of its column's step. By the Cauchy-Schwarz inequality the error of a coarse cosine
is at most the norm of the row's rounding error (the query has norm 1). Rows that cannot be among the nearest are
excluded by that bound, so the result is the same as with exact cosines of all rows.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lambdas.common.index.snapshot import Snapshot
from lambdas.common.models.embeddings import Vectors

MIN_ROWS: Final = 20_000  # below it, exact cosines of all rows are as fast
_LARGEST_CODE: Final = 127
_LEAST: Final = 1e-30
_BLOCK: Final = 2_000  # rows converted to floats at once: about what fits into a core's cache
_MAX_PROCESSORS: Final = 4

Arrays = dict[str, NDArray[Any]]


class CoarseVectors:
    """Coarse cosines of all rows; `error` bounds their absolute error."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._codes: NDArray[np.int8] = snapshot.array("coarse.codes")
        self._steps: Vectors = snapshot.array("coarse.steps")
        self.error = float(snapshot.array("coarse.error")[0])

    def cosines(self, query: Vectors) -> Vectors:
        """The coarse cosine of every row with a vector of unit length.

        Blocks of rows are taken one by one by this thread and by helpers on other processors. A helper that has not
        begun when all blocks are taken is not waited for.
        """
        weights = query * self._steps
        cosines = np.empty(len(self._codes), np.float32)
        starts = iter(range(0, len(cosines), _BLOCK))
        helpers = [_helpers().submit(self._scan, starts, weights, cosines) for _ in range(_processors() - 1)]
        self._scan(starts, weights, cosines)
        for helper in helpers:
            if not helper.cancel():
                helper.result()
        return cosines

    def _scan(self, starts: Iterator[int], weights: Vectors, cosines: Vectors) -> None:
        block = np.empty((_BLOCK, len(weights)), np.float32)
        for start in starts:
            codes = self._codes[start : start + _BLOCK]
            floats = block[: len(codes)]
            np.copyto(floats, codes)
            np.dot(floats, weights, out=cosines[start : start + len(codes)])


def coarse_arrays(vectors: Vectors) -> Arrays:
    """The arrays that `CoarseVectors` reads; empty for a corpus too small to need them."""
    if len(vectors) < MIN_ROWS:
        return {}
    largest = np.maximum(np.abs(vectors).max(axis=0), _LEAST)
    steps = (largest / _LARGEST_CODE).astype(np.float32)
    codes = np.empty(vectors.shape, np.int8)
    error = 0.0
    for rows in _blocks(len(vectors)):
        codes[rows] = np.round(vectors[rows] / steps)
        error = max(error, float(np.linalg.norm(vectors[rows] - codes[rows] * steps, axis=1).max()))
    return {"coarse.codes": codes, "coarse.steps": steps, "coarse.error": np.array([error], np.float32)}


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))


@cache
def _processors() -> int:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MAX_PROCESSORS)


@cache
def _helpers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MAX_PROCESSORS, "coarse")
