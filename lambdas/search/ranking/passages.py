"""Passages: the short texts that say what a story is about, each with a vector of its own.

A question is short, and nearer to the one line that answers it than to the mean of a whole story. A passage's vector is
the leading numbers of its embedding, which WordLlama and OpenAI's models are trained to let stand alone, scaled to unit
length and kept in eight bits each, which moves a cosine by some thousandths.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.story import Story
from lambdas.common.index.postings import Rows, runs
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.models.embeddings import Vectors, unit_rows
from lambdas.search.ranking.scores import Scores

Arrays = dict[str, NDArray[Any]]
Codes = NDArray[np.int8]
_DIMENSIONS: Final = 256
_MOST: Final = 16  # passages of a story
_LARGEST_CODE: Final = 127
_SHARPNESS: Final = 20.0


class Passages:
    """The passages of all stories."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._codes: Codes = snapshot.array("passages.codes")
        self._starts: NDArray[np.int64] = snapshot.array("passages.starts")

    def closeness(self, rows: Rows, vector: Vectors) -> Scores:
        """How close each of some stories comes to a query by its passages: a soft maximum of their cosines.

        The best passage counts most, and others that come near it count as well (log-sum-exp).
        """
        places, begins, _ = runs(self._starts, rows)
        query = unit_rows(vector[np.newaxis, :_DIMENSIONS])[0] * np.float32(_SHARPNESS / _LARGEST_CODE)
        cosines = self._codes.take(places, axis=0) @ query
        closeness: Scores = np.log(np.add.reduceat(np.exp(cosines, dtype=np.float64), begins)) / _SHARPNESS
        return closeness


def passage_codes(vectors: Vectors) -> Codes:
    """Vectors as they are kept."""
    return np.round(unit_rows(vectors[:, :_DIMENSIONS]) * _LARGEST_CODE).astype(np.int8)


def passage_arrays(numbers: Sequence[int], batches: Sequence[Codes]) -> Arrays:
    """What `Passages` reads: `numbers` says how many of the codes belong to each story, at least one each.

    A batch of blank texts alone may have no columns; its codes are zero.
    """
    width = max(1, *(batch.shape[1] for batch in batches))
    codes = [batch if batch.shape[1] else np.zeros((len(batch), width), np.int8) for batch in batches]
    return {"passages.codes": np.concatenate(codes), "passages.starts": np.cumsum([0, *numbers], dtype=np.int64)}


def passages(story: Story) -> list[str]:
    """The passages of a story; the story as a whole if it has none, so that there always is one."""
    texts = (
        story.title,
        story.curated_summary,
        story.purpose,
        " ".join(story.task),
        ", ".join(story.use_cases),
        ", ".join((*story.competencies, *story.tags)),
        story.content,
    )
    found = [text for text in chain(texts, story.interview_questions) if text.strip()]
    return found[:_MOST] or [story.embedding_text()]
