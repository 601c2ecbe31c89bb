"""Exact vector search by cosine similarity."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lambdas.common.index.postings import Rows
from lambdas.common.index.quantized_vectors import MIN_ROWS, CoarseVectors
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.models.embeddings import Vectors

Cosines = NDArray[np.float64]
_ROUNDING = np.float32(5e-5)  # upper bound of the rounding error between two float32 cosines of a row
_GROUP = 50  # rows per group; the maxima of the groups give a lower bound of the `count` best cosines
_FEW = 3  # with fewer than this many times `count` rows, all rows are compared


class VectorIndex(Protocol):
    """Finds the nearest rows by cosine."""

    def nearest(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        """Up to `count` rows nearest to a vector of unit length, best first; ties in row order."""
        ...


class ExactIndex:
    """Cosines with the vectors of a snapshot. Rows with equal vectors have equal cosines."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._vectors: Vectors = snapshot.array("vectors")
        self._coarse = CoarseVectors(snapshot) if len(self._vectors) >= MIN_ROWS else None

    def nearest(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        rows = self._promising(query, count)
        cosines = self.cosines(rows, query)
        best = np.argsort(-cosines, kind="stable")[:count]  # the rows are in order
        return rows[best], cosines[best]

    def cosines(self, rows: Rows, query: Vectors) -> Cosines:
        """Cosines of some rows. Unlike in a matrix product, rounding does not depend on a row's position."""
        vectors = self._vectors.take(rows, axis=0).astype(np.float64)
        cosines: Cosines = np.vecdot(vectors, query.astype(np.float64))
        return cosines

    def _promising(self, query: Vectors, count: int) -> Rows:
        """Candidate rows, in order, that include the nearest ones."""
        if len(self._vectors) <= _FEW * count:
            return np.arange(len(self._vectors), dtype=np.int32)
        if self._coarse is None:
            cosines = self._vectors @ query
            likely = _rows(cosines >= _reached(cosines, count) - _ROUNDING)
            among = cosines[likely]
            nearest: Rows = likely[among >= np.partition(among, -count)[-count] - _ROUNDING]
            return nearest
        cosines = self._coarse.cosines(query)
        likely = _rows(cosines >= _reached(cosines, count))
        found = np.partition(self.cosines(likely, query), -count)[-count]
        return _rows(cosines >= np.float32(found - self._coarse.error) - _ROUNDING)


def _reached(cosines: Vectors, count: int) -> np.float32:
    """A lower bound reached by at least `count` cosines and few more, from the maxima of groups of rows."""
    if len(cosines) < _GROUP * count:
        return np.float32(np.partition(cosines, -count)[-count])
    whole = len(cosines) - len(cosines) % _GROUP
    best: Vectors = cosines[:whole].reshape(_GROUP, -1).max(axis=0)
    return np.float32(np.partition(best, -count)[-count])


def _rows(mask: NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)
