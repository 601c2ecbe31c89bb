"""BM25 over the full texts of the stories, by `bm25s`."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from contracts.rules.closeness import word_weight
from contracts.rules.folding import without_accents
from contracts.rules.questions.themes import coverage_factor, themed_query
from contracts.rules.tokens import ASKING_WORDS
from contracts.story import Story

_WORD: Final = re.compile(r"[^\W_]+[+#]*")
_PARAMETERS: Final = {"method": "lucene", "k1": 2.0, "b": 0.75}


class FullText:
    """Scores stories by the stems that they share with a query. Asking words and the owner's name do not count."""

    def __init__(self, stories: Sequence[Story], owner: frozenset[str]) -> None:
        import bm25s  # noqa: PLC0415  a site whose searches Lambda answers does without it

        self._owner = owner
        self._count = len(stories)
        self._numbers: dict[str, int] = {"": 0}
        rows = []
        self._carriers: dict[str, set[int]] = {}
        for row, story in enumerate(stories):
            found = stems("\n".join(story.texts())) or [""]
            for stem in found:
                self._carriers.setdefault(stem, set()).add(row)
            rows.append([self._numbers.setdefault(stem, len(self._numbers)) for stem in found])
        self._bm25: Any = bm25s.BM25(**_PARAMETERS)
        if rows:
            self._bm25.index((rows, self._numbers), show_progress=False)
        self._bm25.nonoccurrence_array = None

    def scores(self, query: str) -> list[float]:
        """The score of every story; 0 where no word is shared."""
        known = sorted(self._numbers[stem] for stem in self._asked(query) if stem in self._numbers)
        if not known:
            return [0.0] * self._count
        scores: list[float] = self._bm25.get_scores_from_ids(known).tolist()
        return scores

    def coverage(self, query: str, rows: Iterable[int]) -> dict[int, float]:
        """The share of a query's stems that each of some stories has, by their weight, whatever other stories have."""
        carriers = [self._carriers.get(stem, set()) for stem in self._asked(query)]
        weighed = [(rows, word_weight(self._count, len(rows))) for rows in carriers]
        total = sum(weight for _, weight in weighed) or 1.0
        factor = coverage_factor(query)
        shares = {row: sum(weight for having, weight in weighed if row in having) / total for row in rows}
        return {row: min(1.0, share * factor) for row, share in shares.items()}

    def _asked(self, query: str) -> set[str]:
        query = themed_query(query)
        return set(stems(query, without=ASKING_WORDS | self._owner) or stems(query))


def stems(text: str, without: frozenset[str] = frozenset()) -> list[str]:
    """Snowball stems of a text's words, English stop words left out."""
    import Stemmer  # noqa: PLC0415

    left_out = _stop_words() | without
    words = [word for word in _WORD.findall(without_accents(text)) if word not in left_out]
    found: list[str] = Stemmer.Stemmer("english").stemWords(words)
    return found


@cache
def _stop_words() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS  # noqa: PLC0415

    return frozenset(STOPWORDS_EN_PLUS)
