"""Coarse vectors: a quarter of the vectors' size or less, to find the few rows whose cosine is worth computing.

Vectors are turned onto the corpus's principal axes, the last axes, which hold next to nothing, are dropped, and the
others are kept in eight bits a number. By Cauchy and Schwarz a coarse cosine is off by no more than::

    |head of the query| * (rounding error) + |rest of the query| * |rest of the row|

so the rows left out are known to be out, and the best rows found are those that all the cosines would give.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lambdas.common.embeddings import Vectors
from lambdas.common.snapshot import Snapshot

MIN_ROWS: Final = 20_000  # below it, plain cosines of all rows are as fast
_DROPPED_ENERGY: Final = 0.025
_AXES_STEP: Final = 16
_LARGEST_CODE: Final = 127
_LEAST: Final = 1e-30
_BLOCK: Final = 2_000  # rows that are turned into floats at once: they fit into a core's cache
_ROUNDING: Final = 2e-5  # of float32 sums, with room to spare

Arrays = dict[str, NDArray[Any]]


class CoarseVectors:
    """Coarse cosines of all rows, and by how much each may be too low."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._codes = snapshot.array("coarse.codes")
        self._axes = snapshot.array("coarse.axes")
        self._steps = snapshot.array("coarse.steps")
        self._rests = snapshot.array("coarse.rests")
        self._error = float(snapshot.array("coarse.error")[0])

    def cosines(self, query: Vectors) -> Vectors:
        """The coarse cosine of every row with a vector of unit length."""
        weights = (query @ self._axes) * self._steps
        cosines = np.empty(len(self._codes), np.float32)
        block = np.empty((_BLOCK, len(weights)), np.float32)
        for start in range(0, len(cosines), _BLOCK):
            codes = self._codes[start : start + _BLOCK]
            floats = block[: len(codes)]
            np.copyto(floats, codes)
            np.dot(floats, weights, out=cosines[start : start + len(codes)])
        return cosines

    def slack(self, query: Vectors) -> Vectors:
        """By how much each row's cosine may be higher than the coarse one."""
        head = float(np.linalg.norm(query @ self._axes))
        rest = np.float32(max(0.0, 1.0 - head**2 + _ROUNDING) ** 0.5)
        slack: Vectors = self._rests * rest
        slack += np.float32(head * self._error + _ROUNDING)
        return slack


def coarse_arrays(vectors: Vectors) -> Arrays:
    """What `CoarseVectors` reads; nothing for a corpus too small to need it."""
    if len(vectors) < MIN_ROWS:
        return {}
    axes = _principal_axes(vectors)
    largest = np.zeros(axes.shape[1], np.float32)
    for block in _blocks(vectors):
        np.maximum(largest, np.abs(block @ axes).max(axis=0), out=largest)
    steps = (np.maximum(largest, _LEAST) / _LARGEST_CODE).astype(np.float32)
    codes, rests, errors = zip(*(_encoded(block, axes, steps) for block in _blocks(vectors)), strict=True)
    return {
        "coarse.axes": axes,
        "coarse.steps": steps,
        "coarse.codes": np.concatenate(codes),
        "coarse.rests": np.concatenate(rests),
        "coarse.error": np.array([max(errors)], np.float32),
    }


def _principal_axes(vectors: Vectors) -> Vectors:
    """Orthonormal columns that keep all of the vectors' energy but `_DROPPED_ENERGY`."""
    moments = sum(block.T @ block for block in _blocks(vectors, np.float64))
    energies, axes = np.linalg.eigh(moments)  # in ascending order
    dropped = int(np.searchsorted(np.cumsum(energies), _DROPPED_ENERGY * energies.sum()))
    dropped -= dropped % _AXES_STEP
    return np.ascontiguousarray(axes[:, dropped:], np.float32)


def _encoded(block: Vectors, axes: Vectors, steps: Vectors) -> tuple[NDArray[np.int8], Vectors, float]:
    """Codes of some rows, the lengths of what the axes miss of them, and the largest rounding error."""
    heads = block @ axes
    codes = np.round(heads / steps).astype(np.int8)
    errors = np.linalg.norm(heads - codes * steps, axis=1)
    rests = np.linalg.norm(block - heads @ axes.T, axis=1)
    return codes, rests.astype(np.float32), float(errors.max())


def _blocks(vectors: Vectors, dtype: type = np.float32) -> Any:
    return (vectors[start : start + _BLOCK].astype(dtype) for start in range(0, len(vectors), _BLOCK))
