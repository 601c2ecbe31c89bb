"""Finding the nearest stories in the corpus's own vectors."""

import threading
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder, Vectors, corpus_vectors
from backend_clients.errors import Unavailable

_PINECONE_TIMEOUT: Final = 5.0


class VectorIndex(Protocol):
    """Finds the stories nearest to a unit vector."""

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Ids and cosines, best first, ties by id."""
        ...


class PineconeIndex:
    """Pinecone's nearest, out of the namespace that ingest filled for this corpus version.

    A vector's id is its story's place in the order of ids. Zero vectors are not there: their cosine is 0.
    """

    def __init__(self, corpus: Corpus, api_key: str, host: str, name: str) -> None:
        self._corpus = corpus
        self._key = api_key
        self._host = host
        self._name = name
        self._index: Any = None

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Raises `Unavailable` when Pinecone does not answer, or not with stories of this corpus."""
        from pinecone import PineconeError  # noqa: PLC0415  loaded only where a key is configured

        if not vector.any():
            return [(story.id, 0.0) for story in self._corpus.stories[:count]]
        try:
            answer = self._connected().query(
                vector=vector.tolist(), top_k=count, namespace=self._corpus.version, timeout=_PINECONE_TIMEOUT
            )
            found = {self._story_id(match.id): float(match.score) for match in answer.matches}
        except (PineconeError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise Unavailable("the vector index does not answer as it should") from error
        missing = (story.id for story in self._corpus.stories if story.id not in found)
        while len(found) < min(count, len(self._corpus.stories)):
            found[next(missing)] = 0.0
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

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
    """Cosines with every story, computed one query at a time. The vectors are loaded at the first query."""

    def __init__(self, corpus: Corpus, embedder: Embedder, folder: Path) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._folder = folder
        self._vectors: Vectors | None = None
        self._loading = threading.Lock()

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Raises `Unavailable` when the vectors were made by another model than the one that embeds questions."""
        vectors = self._loaded()
        if len(vector) != vectors.shape[1]:
            raise Unavailable(
                f"the stories were embedded with {self._embedder.name} as {vectors.shape[1]} numbers each, "
                f"and it now gives {len(vector)}: the stories must be embedded again"
            )
        cosines = vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self._corpus.stories[row].id, float(cosines[row])) for row in best]

    def _loaded(self) -> Vectors:
        """The corpus's vectors; many first searches at once embed it once."""
        with self._loading:
            if self._vectors is None:
                self._vectors = corpus_vectors(self._corpus, self._embedder, self._folder)
            return self._vectors
