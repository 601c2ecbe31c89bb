"""Short forms of names: which words tell a client from everything else that stories and queries write.

A client goes by

- one distinctive word of four letters or more, or of three if they are capitals in the name ("RBC"),
- the first words of its name, if one of them is distinctive ("JP Morgan"),
- its initials ("JPMC"), if its name has three words and no story of others has them as a word.

A word is distinctive if all names that hold it begin alike, stories of others never write it in lower case, and no more
of them than of its own write it at all: "Greyfell" is, "Trust" in "Tessaly Trust" is not, nor "America" in "Bank of
America".
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from contracts.story import Story
from lambdas.search.ranking.normalization import WORD, folded, name_words

RowsByName = Mapping[str, set[int]]
_SHORTEST_PREFIX: Final = 5
_SHORTEST_WORD: Final = 4
_SHORTEST_CAPITALS: Final = 3
_LEAST_INITIALS: Final = 3


class Written(NamedTuple):
    """Of the words that matter those that one story writes in lower case, and those that it writes in any case."""

    lower: set[str]
    any_case: set[str]


def written_words(story: Story, words: set[str]) -> Written:
    """Where a story names client, employer and division, it says nothing about how ordinary their words are."""
    text = "\n".join(story.model_copy(update={"client": "", "employer": "", "division": ""}).texts())
    return Written(words.intersection(WORD.findall(text)), words.intersection(WORD.findall(folded(text))))


class ShortNames:
    """Which forms short of the whole stand for the names of a corpus; names with the rows of their stories."""

    def __init__(self, names: RowsByName, written: Sequence[Written]) -> None:
        self._names = names
        self._written = written
        self._alone = self._begun_alike()
        self._others = self._written_by_others(self._alone)
        self._distinctive = {word for word, rows in self._alone.items() if self._others[word] <= len(rows)}

    def is_ordinary(self, word: str) -> bool:
        """Whether a word is one that others use in lower case, or that stands in unlike names."""
        return word not in self._alone or self._others[word] >= len(self._written)

    def forms(self, name: str) -> Iterator[str]:
        """The distinctive words of a name, and its first words."""
        words = name_words(name)
        capitals = {folded(word) for word in WORD.findall(name) if word.isupper()}
        for word in self._distinctive.intersection(words):
            if len(word) >= (_SHORTEST_CAPITALS if word in capitals else _SHORTEST_WORD):
                yield word
        for count in range(2, len(words)):
            form = "".join(words[:count])
            if len(form) >= _SHORTEST_PREFIX and self._distinctive.intersection(words[:count]):
                yield form

    def initials(self) -> dict[str, set[int]]:
        """Initials with the rows of the one name that has them. A word in capitals, as in "JP Morgan", stays whole."""
        owners: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            if letters := initials(name):
                owners[letters].append(name)
        alone = {letters: self._names[found[0]] for letters, found in owners.items() if len(found) == 1}
        others = self._written_by_others(alone)
        return {letters: rows for letters, rows in alone.items() if not others[letters]}

    def _begun_alike(self) -> dict[str, set[int]]:
        owners: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for word in set(name_words(name)):
                owners[word].append(name)
        return {
            word: set().union(*(self._names[name] for name in found))
            for word, found in owners.items()
            if len({name_words(name)[0] for name in found}) == 1
        }

    def _written_by_others(self, rows_of: RowsByName) -> Counter[str]:
        """How many stories of others write a word; one that does so in lower case counts for all."""
        others: Counter[str] = Counter()
        for row, words in enumerate(self._written):
            for word in words.any_case & rows_of.keys():
                if row not in rows_of[word]:
                    others[word] += len(self._written) if word in words.lower else 1
        return others


def initials(name: str) -> str:
    """The initials of a name of three words or more, folded; else nothing."""
    words = [word for word in WORD.findall(name) if name_words(word)]
    if len(words) < _LEAST_INITIALS:
        return ""
    return folded("".join(word if word.isupper() else word[0] for word in words))
