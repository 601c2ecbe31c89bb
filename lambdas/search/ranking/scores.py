"""The scores: by words, by meaning, and by both."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from contracts.rules.tokens import tokens
from contracts.search import KEPT_WHEN_SUPPRESSED, KEYWORD_WEIGHT, MIN_COSINE, SEMANTIC_WEIGHT
from lambdas.common.index.postings import Rows
from lambdas.search.index import SearchIndex

Scores = NDArray[np.float64]
_SMALL: Final = 20_000  # stories up to which whole postings are walked faster than a hundred rows are looked up in them


@dataclass(frozen=True)
class ScoredRows:
    """Rows with their scores, best first, equals in row order; a part that the search does not use is None."""

    rows: Rows
    scores: Scores
    semantic: Scores | None = None
    keyword: Scores | None = None
    suppressed: bool = False

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
        return ScoredRows(self.rows[order], self.scores[order], semantic, keyword, self.suppressed)


def keyword_scores(index: SearchIndex, query: str) -> ScoredRows:
    """Every story with a keyword score above 0."""
    asked = set(tokens(query))
    shared = _shared_by_all(index, asked)
    rows = np.flatnonzero(shared).astype(np.int32)
    rows = rows[np.argsort(-shared[rows].astype(np.int16), kind="stable")]
    scores = share_scores(shared[rows], len(asked))
    return ScoredRows(rows, scores, keyword=scores)


def semantic_scores(rows: Rows, cosines: Scores) -> ScoredRows:
    """Of the nearest stories, best first, those close enough; if none is, the best three stand in."""
    kept = int(np.count_nonzero(cosines >= MIN_COSINE))  # they come first
    suppressed = not kept and len(rows) > 0
    count = kept or KEPT_WHEN_SUPPRESSED
    return ScoredRows(rows[:count], cosines[:count], semantic=cosines[:count], suppressed=suppressed)


def hybrid_scores(index: SearchIndex, nearest: ScoredRows, query: str) -> ScoredRows:
    """What `by_meaning` kept, scored with its words as well."""
    order = np.argsort(nearest.rows)  # rows in order are looked up faster
    rows, cosines = nearest.rows[order], nearest.scores[order]
    asked = set(tokens(query))
    small = index.size <= _SMALL
    keyword = share_scores(_shared_by_all(index, asked)[rows] if small else _shared_by(index, asked, rows), len(asked))
    scores = SEMANTIC_WEIGHT * cosines + KEYWORD_WEIGHT * keyword
    return ScoredRows(rows, scores, cosines, keyword, nearest.suppressed).ordered()


def _shared_by_all(index: SearchIndex, asked: set[str]) -> NDArray[np.int64]:
    """How many of some words each story has in its haystack, and once more in its heading: through their postings."""
    codes = index.words.codes(asked)
    carriers = [np.empty(0, np.int32), *index.keyword_postings.many(codes), *index.heading_postings.many(codes)]
    return np.bincount(np.concatenate(carriers), minlength=index.size)


def _shared_by(index: SearchIndex, asked: set[str], rows: Rows) -> NDArray[np.int64]:
    """The same for some rows, whatever the length of the postings."""
    shared = np.zeros(len(rows), np.int64)
    for code in index.words.codes(asked).tolist():
        shared += index.keyword_postings.carried(code, rows)
        shared += index.heading_postings.carried(code, rows)
    return shared


def share_scores(shared: NDArray[np.integer], asked: int) -> Scores:
    """The keyword rule: `shared` query tokens in haystack and in heading, of `asked` ones counted twice."""
    return shared / (2 * asked) if asked else np.zeros(len(shared))
