"""The passages of stories, each with a vector in eight bits a number, and how close they come to a query."""

import logging
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder, Vectors, kept_rows, normalised
from contracts.story import Story

_log = logging.getLogger(__name__)
Codes = NDArray[np.int8]
_DIMENSIONS: Final = 256
_MOST: Final = 16
_BATCH: Final = 512
_LARGEST: Final = 127
_SHARPNESS: Final = 20.0


def passages_of(story: Story) -> list[str]:
    """What a story is about, in short texts; the story as a whole if it has none."""
    texts = [
        story.title,
        story.curated_summary,
        story.purpose,
        " ".join(story.task),
        ", ".join(story.use_cases),
        ", ".join([*story.competencies, *story.tags]),
        story.content,
        *story.interview_questions,
    ]
    return [text for text in texts if text.strip()][:_MOST] or [story.embedding_text()]


def corpus_passages(corpus: Corpus, embedder: Embedder, folder: Path) -> Codes:
    """The codes of all passages, story after story; made at the first use and kept by corpus version."""
    texts = [text for story in corpus.stories for text in passages_of(story)]

    def make() -> Codes:
        _log.warning("embedding %d passages with %s; this is done once", len(texts), embedder.name)
        batches = [_codes(embedder.embed(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches)

    codes: Codes = kept_rows(folder / f"passages-{corpus.version}.npy", len(texts), np.int8, make)
    return codes


def _codes(vectors: Vectors) -> Codes:
    return np.round(normalised(vectors[:, :_DIMENSIONS]) * _LARGEST).astype(np.int8)


class Passages:
    """The passages of a corpus."""

    def __init__(self, stories: Sequence[Story], codes: Any) -> None:
        self._codes = codes
        self._ends = list(accumulate(len(passages_of(story)) for story in stories))

    def closeness(self, row: int, vector: Vectors) -> float:
        """A soft maximum of the cosines of a story's passages: others that come near the best count as well."""
        start = self._ends[row - 1] if row else 0
        query = normalised(vector[np.newaxis, :_DIMENSIONS])[0] * np.float32(_SHARPNESS / _LARGEST)
        cosines = self._codes[start : self._ends[row]] @ query
        return float(np.log(np.exp(cosines.astype(np.float64)).sum()) / _SHARPNESS)
