"""Embeds texts as vectors of unit length."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.rules.long_texts import batches
from lambdas.common.http.problems import DependencyDown

Vectors = NDArray[np.float32]
_BATCH_TEXTS: Final = 512
_BATCH_BYTES: Final = 100_000


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
        self._tokenizer: Any = None

    def load(self) -> None:
        """Load the model unless it is loaded."""
        if self._model is None:
            with _logging_left_alone():
                import wordllama  # noqa: PLC0415 - slow to load, and most functions do not embed

            folder = Path(wordllama.__path__[0])
            self._model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
            self._tokenizer = self._model.tokenizer
            self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Average the tokens of each text. A vector does not depend on the other texts."""
        self.load()
        weights: Vectors = self._model.embedding
        sums, counts = np.zeros((len(texts), weights.shape[1])), np.zeros(len(texts))
        for numbers, batch in batches(texts, _BATCH_TEXTS, _BATCH_BYTES):
            for number, encoded in zip(
                numbers, self._tokenizer.encode_batch(batch, add_special_tokens=False), strict=True
            ):
                ids = np.array(encoded.ids, np.int64).clip(max=len(weights) - 1)
                sums[number] += weights.take(ids, axis=0).sum(axis=0, dtype=np.float64)
                counts[number] += len(ids)
        return unit_rows(sums / np.maximum(counts, 1)[:, np.newaxis])


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


def embed_query(query: str, embedder: Embedder, indexed_with: str, dimensions: int) -> Vectors:
    """Embed a query for comparison with the vectors of an index.

    Raises
    ------
    EmbedderMismatch
        The index was made with another model; the text names both.
    DependencyDown
        The embedder fails.
    """
    length = 0
    if embedder.name == indexed_with:
        vector: Vectors = embedder.embed([query])[0]
        length = len(vector)
        if length == dimensions:
            return vector
        if not length:  # a blank query
            return np.zeros(dimensions, np.float32)
    raise EmbedderMismatch(
        f"The index was made with {indexed_with} ({dimensions} numbers a vector) and queries are embedded with "
        f"{embedder.name}{f' ({length} numbers)' if length else ''}: ingest the corpus again with the model in use."
    )


def joined_rows(batches: Sequence[Vectors]) -> Vectors:
    """Concatenate batches of rows. A batch of blank texts may have no columns; its rows become zeros.

    Raises
    ------
    DependencyDown
        Rows are of different lengths.
    """
    widths = {batch.shape[1] for batch in batches} - {0}
    if len(widths) > 1:
        raise DependencyDown("What embeds texts gave vectors of different lengths.")
    width = max(widths, default=1)
    return np.concatenate([batch if batch.shape[1] else np.zeros((len(batch), width), np.float32) for batch in batches])


def unit_rows(vectors: Any) -> Vectors:
    """Scale rows to unit length; a row without a finite, positive length becomes zeros."""
    rows: Vectors = np.asarray(vectors, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        sound = np.isfinite(lengths) & (lengths > 0)
        rows, lengths = np.where(sound, rows, np.float32(0)), np.where(sound, lengths, np.float32(1))
    scaled: Vectors = rows / lengths
    return scaled
