"""The scores: by words, by meaning, and by both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.search import KEPT_WHEN_SUPPRESSED, KEYWORD_WEIGHT, MIN_COSINE, SEMANTIC_WEIGHT
from lambdas.common.postings import Rows
from lambdas.common.text import tokens
from lambdas.search.index import SearchIndex

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """Rows with their scores, best first, equals in row order; a part that the search does not use is None."""

    rows: Rows
    scores: Scores
    semantic: Scores | None = None
    keyword: Scores | None = None
    suppressed: bool = False

    def ordered(self) -> "Found":
        order = np.lexsort((self.rows, -self.scores))
        semantic = None if self.semantic is None else self.semantic[order]
        keyword = None if self.keyword is None else self.keyword[order]
        return Found(self.rows[order], self.scores[order], semantic, keyword, self.suppressed)


def by_words(index: SearchIndex, query: str) -> Found:
    """Every story with a keyword score above 0."""
    asked = set(tokens(query))
    shared = np.zeros(index.size, np.uint8)  # a query of 500 characters has 125 tokens at most
    for code in index.words.codes(asked).tolist():
        shared[index.haystacks[code]] += 1
        shared[index.headings[code]] += 1
    rows = np.flatnonzero(shared).astype(np.int32)
    rows = rows[np.argsort(~shared[rows], kind="stable")]
    scores = keyword_scores(shared[rows], len(asked))
    return Found(rows, scores, keyword=scores)


def by_meaning(rows: Rows, cosines: Scores) -> Found:
    """Of the nearest stories, best first, those close enough; if none is, the best three stand in."""
    kept = int(np.count_nonzero(cosines >= MIN_COSINE))  # they come first
    suppressed = not kept and len(rows) > 0
    count = kept or KEPT_WHEN_SUPPRESSED
    return Found(rows[:count], cosines[:count], semantic=cosines[:count], suppressed=suppressed)


def by_both(index: SearchIndex, nearest: Found, query: str) -> Found:
    """What `by_meaning` kept, scored with its words as well."""
    order = np.argsort(nearest.rows)  # rows in order are looked up faster
    rows, cosines = nearest.rows[order], nearest.scores[order]
    asked = set(tokens(query))
    shared = np.zeros(len(rows), np.int64)
    for code in index.words.codes(asked).tolist():
        shared += index.haystacks.carried(code, rows)
        shared += index.headings.carried(code, rows)
    keyword = keyword_scores(shared, len(asked))
    scores = SEMANTIC_WEIGHT * cosines + KEYWORD_WEIGHT * keyword
    return Found(rows, scores, cosines, keyword, nearest.suppressed).ordered()


def keyword_scores(shared: NDArray[np.integer], asked: int) -> Scores:
    """The keyword rule: `shared` query tokens in haystack and in heading, of `asked` ones counted twice."""
    return shared / (2 * asked) if asked else np.zeros(len(shared))
