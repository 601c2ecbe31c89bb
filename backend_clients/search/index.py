"""Finding the nearest stories in the corpus's own vectors."""

from pathlib import Path
from typing import Protocol

import numpy as np

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder, Vectors, corpus_vectors


class VectorIndex(Protocol):
    """Finds the stories nearest to a unit vector."""

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """Ids and cosines, best first, ties by id."""
        ...


class ExactIndex:
    """Cosines with every story, computed one query at a time. The vectors are loaded at the first query."""

    def __init__(self, corpus: Corpus, embedder: Embedder, folder: Path) -> None:
        self._corpus = corpus
        self._embedder = embedder
        self._folder = folder
        self._vectors: Vectors | None = None

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        if self._vectors is None:
            self._vectors = corpus_vectors(self._corpus, self._embedder, self._folder)
        cosines = self._vectors @ vector
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self._corpus.stories[row].id, float(cosines[row])) for row in best]
