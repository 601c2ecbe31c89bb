"""The fused ranking: full text and meaning added up, and stories of a named client first.

Candidates are the best hundred by cosine, the best hundred by BM25, and the best hundred by cosine of each client or
division that the query names. Closeness in meaning is the mean of two, each scaled to 0..1 over the candidates: that of
the story as a whole (cosine) and that of its passages. It is added to BM25 as that is; the closest story gains as much
as BM25 can give for one word. So telling words decide where a query has them, and its meaning where it has not. Kept
are those close enough by cosine, those at least half as good by BM25 as the best, and those that are named. If no story
is close enough or named, the best three stand in, as in the classic ranking.

A query that names a client lifts that client's stories above all others, one that names a division those of the
division, and both together lift most. The score stays within 0..1: the more a story is named, the higher its share of
that range.
"""

import math
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.search import CANDIDATES, KEPT_WHEN_SUPPRESSED, MIN_COSINE
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.postings import Rows
from lambdas.common.models.embeddings import Vectors
from lambdas.search.index import SearchIndex
from lambdas.search.ranking.bm25 import FullText
from lambdas.search.ranking.entity_names import Names, possible_names
from lambdas.search.ranking.passages import Passages
from lambdas.search.ranking.scores import ScoredRows, Scores

_CLIENT: Final = 2
_DIVISION: Final = 1
_SHARED_ENOUGH: Final = 0.5


class FusedRanking:
    """The fused ranking over one index. What it reads beyond the classic one is opened at the first use."""

    def __init__(self, index: SearchIndex, exact: ExactIndex) -> None:
        self._snapshot = index.snapshot
        self._exact = exact

    def search(self, nearest: Rows, query: str, vector: Vectors) -> ScoredRows:
        """Rank `nearest`, the best by cosine, together with what words and names find."""
        text = self._full_text.scores(query)
        written = possible_names(query)
        named = [(tier, names.named(written)) for tier, names in self._names]
        rows = np.union1d(nearest, _best(text, CANDIDATES))
        for _, stories in named:
            rows = np.union1d(rows, stories[self._best_by_cosine(stories, vector)])
        cosines = self._exact.cosines(rows, vector)
        tiers = np.zeros(len(rows), np.int64)
        for tier, stories in named:
            tiers += tier * np.isin(rows, stories)
        words = text[rows].astype(np.float64)
        meaning = (_scaled(cosines) + _scaled(self._passages.closeness(rows, vector))) / 2
        best, most = words.max(), _most_for_a_word(len(text))
        shared = words / best if best else words
        scores = (tiers + (words + most * meaning) / (best + most)) / (1 + tiers.max())
        close = (cosines >= MIN_COSINE) | (tiers > 0)
        suppressed = not close.any()
        kept = close | (shared >= _SHARED_ENOUGH)
        if suppressed:
            kept = np.sort(np.argsort(-scores, kind="stable")[:KEPT_WHEN_SUPPRESSED])
        return ScoredRows(rows[kept], scores[kept], cosines[kept], shared[kept], suppressed).ordered()

    def _best_by_cosine(self, rows: Rows, vector: Vectors) -> NDArray[np.int64]:
        return np.argsort(-self._exact.cosines(rows, vector), kind="stable")[:CANDIDATES]

    @cached_property
    def _full_text(self) -> FullText:
        return FullText(self._snapshot)

    @cached_property
    def _passages(self) -> Passages:
        return Passages(self._snapshot)

    @cached_property
    def _names(self) -> tuple[tuple[int, Names], ...]:
        return (_CLIENT, Names(self._snapshot, "client")), (_DIVISION, Names(self._snapshot, "division"))


def _most_for_a_word(count: int) -> float:
    """The most that BM25 gives for a word: its inverse document frequency if one of `count` stories has it."""
    return math.log(1 + (count - 0.5) / 1.5)


def _best(scores: NDArray[np.float32], count: int) -> Rows:
    """Rows of the best scores above 0."""
    rows = np.flatnonzero(scores)
    if len(rows) > count:
        rows = rows[np.argpartition(-scores[rows], count)[:count]]
    return rows.astype(np.int32)


def _scaled(scores: Scores) -> Scores:
    """Scores moved to 0..1: the least to 0, the best to 1; all 0 where they are all the same."""
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))
