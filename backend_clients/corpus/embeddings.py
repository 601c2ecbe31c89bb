"""Turning text into vectors, and the corpus's vectors kept on disk."""

import logging
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from backend_clients.corpus.corpus import Corpus

_log = logging.getLogger(__name__)
Vectors = npt.NDArray[np.float32]
_BATCH: Final = 512


class Embedder(Protocol):
    """Embeds texts as rows of unit length."""

    name: str

    def embed(self, texts: list[str]) -> Vectors: ...


class WordLlamaEmbedder:
    """WordLlama's 256-dimensional static embeddings, from the weights in its own package."""

    name = "wordllama-256"

    def __init__(self) -> None:
        self._model: Any = None

    def embed(self, texts: list[str]) -> Vectors:
        """Vectors of shape (len(texts), 256). The model is loaded at the first call."""
        if self._model is None:
            import wordllama  # noqa: PLC0415  a start-up without searches does without it

            self._model = wordllama.WordLlama.load(
                cache_dir=Path(wordllama.__file__).parent, disable_download=True, dim=256
            )
        return normalised(self._model.embed(texts))


def normalised(vectors: Any) -> Vectors:
    """Rows scaled to unit length; a row of zeros stays as it is."""
    rows = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0), dtype=np.float32)


def corpus_vectors(corpus: Corpus, embedder: Embedder, folder: Path) -> Vectors:
    """The corpus's vectors, one row a story; made at the first use and kept by corpus version."""
    path = folder / f"embeddings-{corpus.version}.npy"
    if path.exists():
        kept: Vectors = np.load(path)
        if kept.shape[0] == len(corpus.stories):
            return kept
    _log.warning("embedding %d stories with %s; this is done once", len(corpus.stories), embedder.name)
    texts = [story.embedding_text() for story in corpus.stories]
    rows = [embedder.embed(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    vectors = np.concatenate(rows)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp.npy")
    np.save(temporary, vectors)
    temporary.replace(path)
    return vectors
