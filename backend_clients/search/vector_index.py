"""Finds the stories nearest to a query vector."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder, Vectors, corpus_vectors
from backend_clients.corpus.passages import Passages, corpus_passages
from backend_clients.errors import Unavailable
from contracts.rules.secrets import without_secrets

_log = logging.getLogger(__name__)
_LONGEST_REASON: Final = 200
_PINECONE_TIMEOUT: Final = 5.0


class VectorIndex(Protocol):
    """Finds the stories nearest to a unit vector."""

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Ids and cosines, best first, ties by id."""
        ...

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        """The cosines of some stories."""
        ...

    def closeness(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        """The closeness of the passages of some stories."""
        ...

    def load(self) -> None:
        """Load or compute the vectors unless that is done."""
        ...


class PineconeIndex:
    """Pinecone's nearest, out of the namespace that ingest filled for this corpus version.

    A vector's id is its story's place in the order of ids. Zero vectors are not there: their cosine is 0.
    """

    def __init__(self, exact: "ExactIndex", api_key: str, host: str, name: str) -> None:
        self._exact = exact
        self._corpus = exact.corpus
        self._key = api_key
        self._host = host
        self._name = name
        self._index: Any = None

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Raises `Unavailable` when Pinecone does not answer, or not with stories of this corpus."""
        from pinecone import ApiError, PineconeError  # noqa: PLC0415  loaded only where a key is configured

        if not vector.any():
            return [(story.id, 0.0) for story in self._corpus.stories[:count]]
        try:
            answer = self._connected().query(
                vector=vector.tolist(), top_k=count, namespace=self._corpus.version, timeout=_PINECONE_TIMEOUT
            )
            found = {self._story_id(match.id): float(match.score) for match in answer.matches}
        except (PineconeError, ValueError, TypeError, AttributeError, IndexError) as error:
            if isinstance(error, ApiError) and error.status_code in (400, 422):  # the words of a 401 may hold the key
                reason = without_secrets(" ".join(error.message.split()))[:_LONGEST_REASON]
                _log.warning("Pinecone refuses the query: %d %s", error.status_code, reason)
            raise Unavailable("the vector index does not answer as it should") from error
        missing = (story.id for story in self._corpus.stories if story.id not in found)
        while len(found) < min(count, len(self._corpus.stories)):
            found[next(missing)] = 0.0
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        return self._exact.cosines(vector, ids)

    def closeness(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        return self._exact.closeness(vector, ids)

    def load(self) -> None:
        self._exact.load()

    def _story_id(self, vector_id: str) -> str:
        if not vector_id.isdecimal():
            raise ValueError("not the id of a vector of this corpus")
        return self._corpus.stories[int(vector_id)].id

    def _connected(self) -> Any:
        if self._index is None:
            from pinecone import Pinecone  # noqa: PLC0415

            client = Pinecone(api_key=self._key)
            self._index = client.index(host=self._host) if self._host else client.index(self._name)
        return self._index


class ExactIndex:
    """Cosines with every story, computed one query at a time. The vectors are loaded at the first query, or before."""

    def __init__(self, corpus: Corpus, embedder: Embedder, folder: Path) -> None:
        self.corpus = corpus
        self._embedder = embedder
        self._folder = folder
        self._rows = {story.id: row for row, story in enumerate(corpus.stories)}
        self._vectors: Vectors | None = None
        self._passages: Passages | None = None
        self._loading = threading.Lock()

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Raises `Unavailable` when the vectors were made by another model than the one that embeds questions."""
        cosines = self._all_cosines(vector)
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self.corpus.stories[row].id, float(cosines[row])) for row in best]

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        cosines = self._all_cosines(vector)
        return [float(cosines[self._rows[story_id]]) for story_id in ids]

    def closeness(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        with self._loading:
            if self._passages is None:
                codes = corpus_passages(self.corpus, self._embedder, self._folder)
                self._passages = Passages(self.corpus.stories, codes)
        return [self._passages.closeness(self._rows[story_id], vector) for story_id in ids]

    def load(self) -> None:
        vectors = self._loaded()
        if len(vectors):
            self.closeness(vectors[0], ())

    def _all_cosines(self, vector: Vectors) -> Vectors:
        vectors = self._loaded()
        if len(vector) != vectors.shape[1]:
            raise Unavailable(
                f"the stories were embedded with {self._embedder.name} as {vectors.shape[1]} numbers each, "
                f"and it now gives {len(vector)}: the stories must be embedded again"
            )
        cosines: Vectors = vectors @ vector
        return cosines

    def _loaded(self) -> Vectors:
        """The corpus's vectors; many first searches at once embed it once."""
        with self._loading:
            if self._vectors is None:
                self._vectors = corpus_vectors(self.corpus, self._embedder, self._folder)
            return self._vectors
