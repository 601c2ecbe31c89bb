"""Stems and BM25: how well a story's full text answers a query, word by word.

Texts are folded (case and accents do not count), split into runs of letters and digits, cleared of English stop words,
and stemmed by Snowball. Of a query asking words ("tell me about a time") and the owner's name go as well, if it has
other words.
"""

import re
from array import array
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.rules.closeness import word_weight
from contracts.rules.folding import without_accents
from contracts.rules.questions.themes import themed_query
from contracts.rules.tokens import ASKING_WORDS
from contracts.story import Story
from lambdas.common.index.postings import Integers, Rows
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.index.vocabulary import Vocabulary, ordered_vocabulary

Arrays = dict[str, NDArray[Any]]
_WORD: Final = re.compile(r"[^\W_]+[+#]*")
_PARAMETERS: Final = {"method": "lucene", "k1": 2.0, "b": 0.75}


class QueryStems(NamedTuple):
    """The codes of a query's stems that the corpus has, and how many others it asks for."""

    codes: Integers
    unknown: int


class FullText:
    """BM25 over the full texts of the stories."""

    def __init__(self, snapshot: Snapshot) -> None:
        import bm25s  # noqa: PLC0415 - only who ranks by it pays for it

        self._stems = Vocabulary(snapshot.array("stems"))
        self._bm25 = bm25s.BM25(**_PARAMETERS)
        self._bm25.nonoccurrence_array = None
        self._bm25.scores = {
            "data": snapshot.array("bm25.data"),
            "indices": snapshot.array("bm25.indices"),
            "indptr": snapshot.array("bm25.indptr"),
            "num_docs": snapshot.metadata["count"],
        }

    def asked(self, query: str, owner: frozenset[str] = frozenset()) -> QueryStems:
        """What a query asks for, without the owner's name."""
        query = themed_query(query)
        wanted = set(stems(query, ASKING_WORDS | owner) or stems(query))
        codes = self._stems.codes(wanted)
        return QueryStems(codes, len(wanted) - len(codes))

    def scores(self, asked: QueryStems) -> NDArray[np.float32]:
        """The score of every row; 0 where no word is shared."""
        scores: NDArray[np.float32] = self._bm25.get_scores_from_ids(asked.codes)
        return scores

    def coverage(self, asked: QueryStems, rows: Rows) -> NDArray[np.float64]:
        """The share of a query's stems that each of some rows has, by their weight, whatever other rows have."""
        starts, count = self._bm25.scores["indptr"], self._bm25.scores["num_docs"]
        shares: NDArray[np.float64] = np.zeros(len(rows))
        total = asked.unknown * word_weight(count, 0)
        for code in asked.codes.tolist():
            # In order of rows, as bm25s makes them.
            carriers = self._bm25.scores["indices"][starts[code] : starts[code + 1]]
            weight = word_weight(count, len(carriers))
            shares += (carriers.take(carriers.searchsorted(rows), mode="clip") == rows) * weight
            total += weight
        return shares / total if total else shares


def full_text_arrays(stories: Sequence[Story]) -> Arrays:
    """What `FullText` reads."""
    import bm25s  # noqa: PLC0415

    numbers: dict[str, int] = {"": 0}  # so that a corpus without words has a vocabulary too
    numbered = [
        array("q", [numbers.setdefault(stem, len(numbers)) for stem in stems("\n".join(story.texts()))])
        for story in stories
    ]
    vocabulary, code = ordered_vocabulary(numbers)
    ids = [array("q", code[np.frombuffer(row, np.int64)].tobytes()) or array("q", [code[0]]) for row in numbered]
    bm25 = bm25s.BM25(**_PARAMETERS)
    bm25.index((ids, dict(zip(numbers, code.tolist(), strict=True))), show_progress=False)
    return {
        "stems": vocabulary,
        "bm25.data": np.asarray(bm25.scores["data"], np.float32),
        "bm25.indices": np.asarray(bm25.scores["indices"], np.int32),
        "bm25.indptr": np.asarray(bm25.scores["indptr"], np.int64),
    }


def stems(text: str, less: frozenset[str] = frozenset()) -> list[str]:
    """Stems of a text's words in reading order, stop words and those of `less` left out."""
    import Stemmer  # noqa: PLC0415

    words = _WORD.findall(without_accents(text))
    telling = [word for word in words if word not in _stop_words() and word not in less]
    found: list[str] = Stemmer.Stemmer("english").stemWords(telling)
    return found


@cache
def _stop_words() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS  # noqa: PLC0415

    return frozenset(STOPWORDS_EN_PLUS)
