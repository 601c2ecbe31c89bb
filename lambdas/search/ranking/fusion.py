"""The ranking: full text and meaning added up, and stories of what the query names first.

Candidates are the best hundred by cosine, the best hundred by BM25, and all stories of the clients, employers and
divisions that the query names. Closeness in meaning is the mean of two, each scaled to 0..1 over the candidates: that
of the story as a whole (cosine) and that of its passages. It is added to BM25 as that is; the closest story gains as
much as BM25 can give for one word. So telling words decide where a query has them, and its meaning where it has not.
Kept are those that are named, close enough by cosine, or at least half as good by BM25 as the best; else the best
three.
Semantic search has the same candidates and keeps the same, but its score is the cosine.
"""

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contracts.rules.questions.themes import coverage_factor
from contracts.rules.synonyms import related_query
from contracts.search import (
    CANDIDATES,
    KEPT_WHEN_SUPPRESSED,
    MIN_COSINE,
    PASSAGES_COMPARED,
    SHARED_ENOUGH,
    SYNONYM_WEIGHT,
    SearchKind,
)
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.postings import Rows
from lambdas.common.models.embeddings import Vectors
from lambdas.search.index import SearchIndex
from lambdas.search.ranking.bm25 import FullText
from lambdas.search.ranking.named import NamedRows, NamedStories, named_first
from lambdas.search.ranking.passages import Passages
from lambdas.search.ranking.scores import ScoredRows, Scores, keyword_shares

_DIGITS = 4  # of a full-text score; what comes after them differs by the order of addition


class Ranking:
    """Ranks the stories of one index. What a kind of search reads is opened at its first use."""

    def __init__(self, index: SearchIndex, exact: ExactIndex) -> None:
        self._index = index
        self._exact = exact

    def keyword_ranking(self, query: str) -> ScoredRows:
        """Every story that is named or shares a word with the query."""
        mentions = self._named.mentioned(query)
        shares = keyword_shares(self._index, query)
        rows = _with_named(np.flatnonzero(shares).astype(np.int32), mentions)
        scores, named = named_first(rows, shares[rows], mentions)
        return ScoredRows(rows, scores, named, keyword=shares[rows]).ordered()

    def vector_ranking(self, kind: SearchKind, nearest: Rows, query: str, vector: Vectors) -> ScoredRows:
        """Semantic or hybrid search: rank `nearest`, the best by cosine, together with what words and names find."""
        asked = self._full_text.asked(query, self._index.owner)
        text = self._full_text.scores(asked).astype(np.float64)
        if expansion := related_query(query):
            text += SYNONYM_WEIGHT * self._full_text.scores(self._full_text.asked(expansion, self._index.owner))
        mentions = self._named.mentioned(query)
        rows = _with_named(np.union1d(nearest, _best(text, CANDIDATES)), mentions)
        cosines = self._exact.cosines(rows, vector)
        words, best = text[rows], float(text.max(initial=0))
        shared = words / best if best else words
        if kind is SearchKind.HYBRID:
            most = _most_for_a_word(len(text))
            scores = (words + most * self._meaning(rows, cosines, vector)) / (best + most)
        else:
            scores = cosines
        scores, named = named_first(rows, scores, mentions)
        kept = named | (cosines >= MIN_COSINE) | (shared >= SHARED_ENOUGH)
        suppressed = not kept.any()
        if suppressed:
            kept = np.sort(np.argsort(-scores, kind="stable")[:KEPT_WHEN_SUPPRESSED])
        rows, scores, named, cosines = rows[kept], scores[kept], named[kept], cosines[kept]
        keyword = None
        if kind is SearchKind.HYBRID:
            keyword = np.minimum(1.0, self._full_text.coverage(asked, rows) * coverage_factor(query))
        return ScoredRows(rows, scores, named, cosines, keyword, bool(suppressed)).ordered()

    def _meaning(self, rows: Rows, cosines: Scores, vector: Vectors) -> Scores:
        compared: NDArray[np.int64] = np.arange(len(rows))
        if len(rows) > PASSAGES_COMPARED:
            compared = np.sort(np.argsort(-cosines, kind="stable")[:PASSAGES_COMPARED])
        passages = np.zeros(len(rows))
        passages[compared] = _scaled(self._passages.closeness(rows[compared], vector))
        return (_scaled(cosines) + passages) / 2

    @cached_property
    def _full_text(self) -> FullText:
        return FullText(self._index.snapshot)

    @cached_property
    def _passages(self) -> Passages:
        return Passages(self._index.snapshot)

    @cached_property
    def _named(self) -> NamedStories:
        return NamedStories(self._index)


def _most_for_a_word(count: int) -> float:
    """The most that BM25 gives for a word: its inverse document frequency if one of `count` stories has it."""
    return math.log(1 + (count - 0.5) / 1.5)


def _with_named(rows: Rows, mentions: list[NamedRows]) -> Rows:
    return np.unique(np.concatenate([rows, *(mention.rows for mention in mentions)])) if mentions else rows


def _best(scores: NDArray[np.float64], count: int) -> Rows:
    """Rows of the best scores above 0; of equal ones the first."""
    rows = np.flatnonzero(scores).astype(np.int32)
    if len(rows) > count:
        rounded = np.round(scores[rows], _DIGITS)
        least = np.partition(rounded, -count)[-count]
        better = rows[rounded > least]
        rows = np.concatenate([better, rows[rounded == least][: count - len(better)]])
    return rows


def _scaled(scores: Scores) -> Scores:
    """Scores moved to 0..1: the least to 0, the best to 1; all 0 where they are all the same."""
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))
