"""Which names a query mentions: clients, employers and divisions, however they are written.

Of names within each other the longest counts. A name may have one typo, if the form it is taken for has six letters and
the corpus does not know the misspelled word.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from contracts.rules.folding import visible, without_accents
from contracts.rules.names.forms import CAPITAL, WORD, NameTable

_LONGEST: Final = 6  # words of a name that are looked at
_SHORTEST_PLURAL: Final = 5
_SHORT_RUN: Final = 3  # letters up to which words apart make no name: "look at T-shirts" is not AT&T
_SHORTEST_TYPO: Final = 6
_SHORTEST_TYPO_OF_WORDS: Final = 9  # letters of a name of several words, whatever it begins with
_SENTENCE_ENDS: Final = frozenset(".?!:")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2019\u02bc`", "'"))


class Mention(NamedTuple):
    """Where a text names something, and the places in the table of the names that it may mean."""

    start: int
    end: int
    names: frozenset[int]


class _Word(NamedTuple):
    start: int
    end: int
    text: str
    folded: str
    capital: bool  # its capital means something
    possessive: bool  # the "s" of "Target's"


class NameFinder:
    """Finds the names of a table in texts. `is_word` says whether the corpus writes a word, which then is no typo."""

    def __init__(self, table: NameTable, is_word: Callable[[str], bool]) -> None:
        self._forms = table.forms
        self._is_word = is_word
        self._by_letter: dict[tuple[int, int, str], list[str]] | None = None

    def find(self, text: str) -> tuple[Mention, ...]:
        """Mentions in the text's order."""
        shown = visible(text).translate(_APOSTROPHES)
        words = _words(shown)
        found: list[Mention] = []
        place = 0
        while place < len(words):
            longest = next(self._exact(shown, words, place), None)
            if longest is not None:
                found.append(longest[1])
            place = longest[0] if longest else place + 1
        return tuple(sorted([*found, *self._misspelled(words, found)]))

    def _exact(self, shown: str, words: Sequence[_Word], place: int) -> Iterator[tuple[int, Mention]]:
        for end in range(min(len(words), place + _LONGEST), place, -1):
            run = words[place:end]
            if not _may_join(shown, run):
                continue
            for form in _ways(run):
                if names := self._forms.get(form):
                    yield end, Mention(run[0].start, run[-1].end, frozenset(names))

    def _misspelled(self, words: Sequence[_Word], found: Sequence[Mention]) -> Iterator[Mention]:
        taken = [(mention.start, mention.end) for mention in found]
        free = [all(word.end <= start or word.start >= end for start, end in taken) for word in words]
        unknown = [
            here and len(word.folded) > 2 and not self._is_word(word.folded)
            for word, here in zip(words, free, strict=True)
        ]
        place = 0 if any(unknown) else len(words)
        while place < len(words):
            end, names = self._likely(words, free, unknown, place)
            if names:
                yield Mention(words[place].start, words[end - 1].end, names)
            place = end

    def _likely(
        self, words: Sequence[_Word], free: Sequence[bool], unknown: Sequence[bool], place: int
    ) -> tuple[int, frozenset[int]]:
        """The end of the longest misspelled name that begins here, and what it names; the next place if none does."""
        for end in range(min(len(words), place + _LONGEST), place, -1):
            if not all(free[place:end]) or not any(unknown[place:end]):
                continue
            run = [word for word in words[place:end] if not word.possessive]
            letters = sum(len(word.folded) for word in run)
            meant = letters + 1 >= _SHORTEST_TYPO_OF_WORDS if len(run) > 1 else run[0].capital or len(words) == 1
            if names := self._one_edit("".join(word.folded for word in run), meant=meant):
                return end, names
        return place + 1, frozenset()

    def _one_edit(self, run: str, *, meant: bool) -> frozenset[int]:
        """What the forms name that are one edit from a run; nothing if they are of different names.

        A lower-case word within a text may be any word that the corpus does not write: it must begin like the name,
        and a short one must have all its letters.
        """
        if len(run) < _SHORTEST_TYPO - 1:
            return frozenset()
        found: set[frozenset[int]] = set()
        for form in self._alike(run):
            begins = form[0] == run[0] or form[:2] == run[1::-1]
            whole = len(form) > _SHORTEST_TYPO or set(form) == set(run) or len(form) != len(run)
            if (meant or (begins and whole)) and within_one_edit(form, run):
                found.add(frozenset(self._forms[form]))
        return found.pop() if len(found) == 1 else frozenset()

    def _alike(self, run: str) -> set[str]:
        """Forms of about the same length that share the first or the last letter, or have the first two swapped."""
        if self._by_letter is None:
            self._by_letter = defaultdict(list)
            for form in self._forms:
                if len(form) >= _SHORTEST_TYPO and not form.startswith(CAPITAL):
                    self._by_letter[len(form), 0, form[0]].append(form)
                    self._by_letter[len(form), -1, form[-1]].append(form)
        keys = [
            (size, *key)
            for size in range(len(run) - 1, len(run) + 2)
            for key in ((0, run[0]), (-1, run[-1]), (0, run[1]))
        ]
        return {form for key in keys for form in self._by_letter.get(key, ())}


def within_one_edit(one: str, other: str) -> bool:
    """Whether a letter more, less, changed or swapped with the next turns one word into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    short, long = sorted((one, other), key=len)
    at = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]


def _words(shown: str) -> list[_Word]:
    found = list(WORD.finditer(shown))
    meant = _meaningful_capitals(shown)
    words = []
    for match in found:
        folded = without_accents(match[0])
        if folded == "and":
            continue
        possessive = match[0] in ("s", "S") and shown[: match.start()].endswith("'")
        words.append(_Word(match.start(), match.end(), match[0], folded, match.start() in meant, possessive))
    return words


def _meaningful_capitals(shown: str) -> set[int]:
    """Where capitals mean something: the word begins no sentence, and not every word has one. Or it is alone."""
    words = [word for word in WORD.finditer(shown) if word[0] not in ("s", "S")]
    if len(words) == 1 and words[0][0][0].isupper():
        return {words[0].start()}
    if not any(word[0][0].islower() for word in words):
        return set()
    return {
        word.start()
        for before, word in pairwise(words)
        if word[0][0].isupper() and _SENTENCE_ENDS.isdisjoint(shown[before.end() : word.start()])
    }


def _may_join(shown: str, run: Sequence[_Word]) -> bool:
    """Whether words may be one name: no sentence ends between them, and few letters stand together or are capitals."""
    for before, word in pairwise(run):
        between = shown[before.end : word.start]
        if len(before.text) > 2 and any(f"{end} " in between for end in _SENTENCE_ENDS):
            return False
    if len(run) > 1 and sum(len(word.text) for word in run) <= _SHORT_RUN and not run[-1].possessive:
        spaced = any(" " in shown[before.end : word.start] for before, word in pairwise(run))
        return not spaced or all(word.text.isupper() for word in run)
    return True


def _ways(run: Sequence[_Word]) -> Iterator[str]:
    """The forms that a run of words may be: as it stands, and without the "s" of a plural or possessive."""
    squashed = "".join(word.folded for word in run)
    yield squashed
    if len(squashed) >= _SHORTEST_PLURAL and squashed.endswith("s"):
        yield squashed[:-1]
    core = run[:-1] if run[-1].possessive else run
    if len(core) == 1 and core[0].capital:
        yield CAPITAL + core[0].folded
    elif len(core) < len(run):
        yield "".join(word.folded for word in core)
