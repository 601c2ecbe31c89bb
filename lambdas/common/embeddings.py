"""Embedders: what turns texts into vectors of unit length."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Embeds texts as rows of unit length. `name` goes into the corpus version: other vectors need another name."""

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...


class WordLlamaEmbedder:
    """WordLlama's static embeddings of 256 dimensions, out of its own wheel."""

    name = "wordllama-256"

    def __init__(self) -> None:
        self._model: Any = None

    def load(self) -> None:
        """Read the model, if that has not been done."""
        if self._model is None:
            from wordllama import WordLlama  # noqa: PLC0415 - only who embeds pays for it

            folder = Path(__import__("wordllama").__file__).parent
            self._model = WordLlama.load(cache_dir=folder, disable_download=True)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.load()
        return unit_rows(self._model.embed(list(texts)))


def unit_rows(vectors: Any) -> Vectors:
    """Rows scaled to unit length; a row of zeros, or one that holds no numbers, becomes zeros."""
    rows = np.nan_to_num(np.asarray(vectors, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
