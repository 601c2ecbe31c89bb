"""Embedders: what turns texts into vectors of unit length."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lambdas.common.problems import DependencyDown

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
            with _logging_left_alone():
                import wordllama  # noqa: PLC0415 - only who embeds pays for it

            folder = Path(wordllama.__path__[0])
            self._model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.load()
        return unit_rows(self._model.embed(list(texts)))


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """Undo what importing WordLlama does to the process's root logger."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


class EmbedderMismatch(DependencyDown):
    """The index was made with another model than the one that embeds queries."""


def require_same_embedder(indexed: str, embedder: Embedder) -> None:
    """Refuse to compare vectors of different models.

    Raises
    ------
    EmbedderMismatch
        Its text names both models.
    """
    if indexed != embedder.name:
        raise EmbedderMismatch(
            f"The index was made with {indexed} and queries are embedded with {embedder.name}: "
            "ingest the corpus again with the model that is configured."
        )


def unit_rows(vectors: Any) -> Vectors:
    """Rows scaled to unit length; a row of zeros, or one that holds no numbers, becomes zeros."""
    rows = np.nan_to_num(np.asarray(vectors, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return scaled
