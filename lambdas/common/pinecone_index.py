"""Pinecone as the vector index: one namespace a corpus version, one vector a story.

A vector's id is its story's place in the order of ids, from 0, for Pinecone's own ids may hold ASCII alone; the story's
id and its facets are in the metadata. Queries never filter by them: filters apply to the best hundred stories, and a
filtered query would find other ones.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lambdas.common.deadline import within
from lambdas.common.embeddings import Vectors
from lambdas.common.postings import Rows
from lambdas.common.problems import DependencyDown
from lambdas.common.vector_index import Cosines

if TYPE_CHECKING:
    from pinecone import Index

_BATCH: Final = 100
_ROUNDS: Final = 3  # after the SDK's own retries
_QUERY_SECONDS: Final = 2.0
_DEADLINE_SECONDS: Final = 5.0
_SETTLING_SECONDS: Final = 120.0
_NAMESPACE: Final = re.compile(r"[0-9a-f]{16}")
_DOWN: Final = "The vector index does not answer; try again in a moment."
_INCOMPLETE: Final = "The vector index does not hold the whole corpus: ingest it again."

Metadata = Mapping[str, Any]


class PineconeIndex:
    """The nearest rows as Pinecone finds them.

    Parameters
    ----------
    blank
        Rows whose vectors are zero. Pinecone takes none, so they are not there; their cosine is 0.
    """

    def __init__(self, index: "Index", namespace: str, size: int, blank: Rows) -> None:
        self._index = index
        self._namespace = namespace
        self._size = size
        self._blank = blank

    def nearest(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        """
        Raises
        ------
        DependencyDown
            Pinecone does not answer, answers with something else, or lacks stories.
        """
        if not query.any():
            return np.arange(min(count, self._size), dtype=np.int32), np.zeros(min(count, self._size))
        rows, cosines = self._found(query, min(count, self._size - len(self._blank)))
        rows = np.concatenate([rows, self._blank])
        cosines = np.concatenate([cosines, np.zeros(len(self._blank))])
        best = np.lexsort((rows, -cosines))[:count]
        return rows[best], cosines[best]

    def _found(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        from pinecone import PineconeError  # noqa: PLC0415 - only who has a key pays for it

        if not count:
            return np.empty(0, np.int32), np.empty(0)
        ask = {"vector": query.tolist(), "top_k": count, "namespace": self._namespace, "timeout": _QUERY_SECONDS}
        try:
            matches = within(_DEADLINE_SECONDS, lambda: self._index.query(**ask)).matches
            rows = np.array([int(match.id) for match in matches], np.int32)
            cosines = np.array([match.score for match in matches], np.float64)
        except (PineconeError, TimeoutError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise DependencyDown(_DOWN) from error
        sound = len(set(rows.tolist())) == len(rows) and np.isfinite(cosines).all()
        if not sound or (len(rows) and not 0 <= rows.min() <= rows.max() < self._size):
            raise DependencyDown(_DOWN)
        if len(rows) < count:
            raise DependencyDown(_INCOMPLETE)
        return rows, cosines


class PineconeNamespaces:
    """The namespaces of an index, as an ingest fills and deletes them."""

    def __init__(self, index: "Index", sleep: Callable[[float], None] = time.sleep) -> None:
        self._index = index
        self._sleep = sleep

    def count(self, namespace: str) -> int:
        """How many vectors a namespace holds, as far as Pinecone knows by now."""
        found = self._counts().get(namespace)
        return found or 0

    def fill(
        self, namespace: str, vectors: Vectors, metadata: Sequence[Metadata], on_batch: Callable[[int], None]
    ) -> None:
        """Upsert every vector but zero ones, and wait until Pinecone counts them all.

        Raises
        ------
        DependencyDown
            Pinecone does not take them, or does not count them in time.
        """
        rows = np.flatnonzero(vectors.any(axis=1)).tolist()
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            self._upsert(namespace, [_item(row, vectors, metadata) for row in batch])
            on_batch(start + len(batch))
        waited = 0.0
        while self.count(namespace) < len(rows):
            if waited >= _SETTLING_SECONDS:
                raise DependencyDown(_INCOMPLETE)
            self._sleep(1.0)
            waited += 1.0

    def keep_only(self, namespaces: set[str]) -> int:
        """Delete the namespaces of all other corpus versions; those of another shape are not ours. Returns how many."""
        old = [name for name in self._counts() if _NAMESPACE.fullmatch(name) and name not in namespaces]
        for namespace in old:
            self._guarded(lambda namespace=namespace: self._index.delete(delete_all=True, namespace=namespace))
        return len(old)

    def _counts(self) -> dict[str, int]:
        stats = self._guarded(self._index.describe_index_stats)
        return {name: summary.vector_count for name, summary in stats.namespaces.items()}

    def _upsert(self, namespace: str, items: list[dict[str, Any]]) -> None:
        self._guarded(lambda: self._index.upsert(vectors=items, namespace=namespace))

    def _guarded(self, call: Callable[[], Any]) -> Any:
        from pinecone import PineconeError  # noqa: PLC0415

        for round_ in range(1, _ROUNDS + 1):
            try:
                return call()
            except PineconeError as error:
                if round_ == _ROUNDS or not _passing(error):
                    raise DependencyDown(_DOWN) from error
                self._sleep(2.0**round_)
        raise AssertionError("the last round returns or raises")


def pinecone_index(api_key: str, host: str, name: str) -> "Index":
    """The data plane of an index, by its host or, at the price of one look-up, by its name."""
    from pinecone import Pinecone  # noqa: PLC0415

    return Pinecone(api_key=api_key).index(host=host) if host else Pinecone(api_key=api_key).index(name)
