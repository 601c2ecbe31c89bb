"""Scored rows, and the keyword rule."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contracts.rules.tokens import telling_tokens
from lambdas.common.index.postings import Rows
from lambdas.search.index import SearchIndex

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredRows:
    """Rows with their scores, best first, equals in row order; a part that the search does not use is None.

    `named` is True for rows of names in the query; `degraded` if the embedder failed and keywords alone were searched.
    """

    rows: Rows
    scores: Scores
    named: NDArray[np.bool_]
    semantic: Scores | None = None
    keyword: Scores | None = None
    suppressed: bool = False
    degraded: bool = False

    @property
    def best(self) -> int | None:
        """The row of the best story; None if there is none."""
        return int(self.rows[0]) if len(self.rows) else None

    @property
    def closest(self) -> float | None:
        """The greatest cosine of these rows; None where none is compared."""
        return None if self.semantic is None or not len(self.rows) else float(self.semantic.max())

    def ordered(self) -> "ScoredRows":
        """The same, best first, of rows that are in order."""
        order = np.argsort(-self.scores, kind="stable")
        semantic = None if self.semantic is None else self.semantic[order]
        keyword = None if self.keyword is None else self.keyword[order]
        rows, scores, named = self.rows[order], self.scores[order], self.named[order]
        return replace(self, rows=rows, scores=scores, named=named, semantic=semantic, keyword=keyword)


def keyword_shares(index: SearchIndex, query: str) -> Scores:
    """For every story the share of the query's telling tokens that it has: in its heading they count twice."""
    asked = telling_tokens(query, index.owner)
    codes = index.words.codes(asked)
    carriers = [np.empty(0, np.int32), *index.keyword_postings.many(codes), *index.heading_postings.many(codes)]
    shared = np.bincount(np.concatenate(carriers), minlength=index.size)
    return shared / (2 * max(1, len(asked)))
