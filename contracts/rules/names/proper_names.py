"""Proper names of a text, and whether another text holds them, whichever way they are written."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from contracts.rules.names.lower_case_names import lower_case_names
from contracts.rules.names.ordinary_words import (
    ABBREVIATIONS,
    DEGREES,
    LEGAL_FORMS,
    ORDINARY_WORDS,
    ORGANISATION_WORDS,
    SYNONYMS,
)

_TOKEN: Final = re.compile(r"\.?[^\W_]+(?:[.'&/+][^\W_]+)*(?:\+\+|#)?(?:'(?!\w))?")
_MARK: Final = re.compile(r"\[[\d\s,;]*\]")
_WITHIN: Final = re.compile(r"[ \t]+|\s*&\s*|-|(?<=[A-Z])\.[ ]")  # what may stand between two words of one name
_OPENERS: Final = re.compile(
    r"[.!?:\u2026][\"')\]\u201d]*\s*$|\n\s*$|[\"\u201c]$|[-*\u2022]\s+$|^\s*$|\d[.)]\s+$|\|\s*$"
)
_SUBJECT: Final = re.compile(r"(?:'s\b|\s\(|\s(?:hired|employed|promoted|recruited|engaged|paid|acquired)\s)")
_ENDS: Final = re.compile(r"[ \t]*(?:(?P<stop>[.!?])|\n|\Z)")
_FRAGMENT: Final = 3  # words
_STRICT: Final = frozenset(["at", "joined", "for", "left"])
_DEGREES: Final = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in DEGREES)
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_QUOTES: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc`", "'"))


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def is_capitalized(self) -> bool:
        return self.text != self.text.lower() and not self.text[0].isdecimal()

    @property
    def is_acronym(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()

    @property
    def is_shaped(self) -> bool:
        """Whether its capitals say that it is a name wherever it stands: IBM, McKinsey, iPhone, MT103."""
        return any(char.isupper() for char in self.text[1:]) and len(self.text.rstrip("'s")) > 1


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words next to each other; `opens` where the first one has its capital from the sentence, too."""

    words: tuple[_Word, ...]
    opens: bool
    before: str
    after: str


class NameEvidence:
    """The names that some texts hold."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._capitalized: set[str] = set()
        self._acronyms: set[str] = set()
        self._initials: set[str] = set()
        self._lower: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._degrees: set[str] = set()
        for text in texts:
            self._add(_visible(text))
        self._words = {_SYNONYMS.get(word, word) for word in self._capitalized | self._lower}

    def unknown_names(self, text: str) -> list[str]:
        """Names in a text that the evidence does not hold, as they are written there, each once."""
        plain = _MARK.sub(" ", _visible(text))
        found = [name for run in _runs(plain) if (name := self._unknown(run))]
        found += [name for name in _degrees(plain) if name not in self._degrees]
        found += lower_case_names(plain, lambda name: self._holds(fold(name)))
        return list(dict.fromkeys(found))

    def _add(self, text: str) -> None:
        words = list(_words(text))
        folded = [fold(word.text) for word in words]
        for word, name in zip(words, folded, strict=True):
            (self._capitalized if word.is_capitalized else self._lower).add(name)
            if word.is_acronym:
                self._acronyms.add(name)
        for one, other in pairwise(folded):
            self._pairs.add((one, other))
            self._capitalized.add(one + other)
        for run in _runs(text):
            names = [fold(word.text) for word in run.words]
            self._pairs.update((one, other) for place, one in enumerate(names) for other in names[place + 1 :])
            for size in range(2, len(names) + 1):
                for start in range(len(names) - size + 1):
                    self._initials.add("".join(name[:1] for name in names[start : start + size]))
        self._degrees.update(_degrees(text))

    def _unknown(self, run: _Run) -> str:
        """The part of a run that the evidence does not hold; "" if it holds all."""
        words = [word for word in run.words if fold(word.text) not in LEGAL_FORMS]
        names = [fold(word.text) for word in words]
        if not words or self._holds_whole(names):
            return ""
        strange = [place for place in range(len(words)) if self._is_strange(names, place, run, words)]
        if not strange:
            return ""
        if strange == [0] and self._is_opening(run, words):
            return ""
        start = strange[0] - 1 if names[strange[0]] in _ORGANISATIONS and strange[0] else strange[0]
        return " ".join(word.text.removesuffix("'s").strip("'") for word in words[start : strange[-1] + 1])

    def _holds_whole(self, names: Sequence[str]) -> bool:
        """Whether a run is written in one word in the evidence, or by its initials."""
        joined = "".join(names)
        initials = "".join(name[:1] for name in names)
        return joined in self._capitalized or (len(names) > 1 and initials in self._acronyms)

    def _is_strange(self, names: Sequence[str], place: int, run: _Run, words: Sequence[_Word]) -> bool:
        name = names[place]
        before = names[place - 1] if place else ""
        if name in _ORGANISATIONS and before and before not in _ORDINARY:
            return (before, name) not in self._pairs and before not in self._lower
        if name in _ORDINARY or not name or name.isdecimal():
            return False
        if len(words) == 1 and run.before in _STRICT:
            return name not in self._capitalized
        return not (self._holds(name) or (words[place].is_acronym and name in self._initials))

    def _holds(self, name: str) -> bool:
        return _SYNONYMS.get(name, name) in self._words

    def _is_opening(self, run: _Run, words: Sequence[_Word]) -> bool:
        """Whether the first word of a run may have its capital from the sentence alone."""
        first = words[0]
        if not run.opens or first.is_shaped:
            return False
        if len(words) > 1:
            return fold(words[1].text) not in _ORGANISATIONS
        return not _SUBJECT.match(run.after) and "'s" not in first.text


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """A word without case, accents, dots, a possessive or the ending of a plural."""
    plain = unicodedata.normalize("NFKD", word.translate(_QUOTES)).casefold()
    bare = re.sub(r"'s?$", "", "".join(char for char in plain if not unicodedata.combining(char)))
    name = re.sub(r"isation(?=s?$)", "ization", re.sub(r"[.'&/]", "", bare))
    if len(name) > 4 and name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if len(name) > 2 and name.endswith("s") and not name.endswith("ss") else name


_ORDINARY: Final = frozenset(fold(word) for word in ORDINARY_WORDS) | ORDINARY_WORDS
_SYNONYMS: Final = {fold(word): fold(other) for word, other in SYNONYMS.items()}
_ORGANISATIONS: Final = frozenset(fold(word) for word in ORGANISATION_WORDS)


def _visible(text: str) -> str:
    if text.isascii():
        return text.replace("`", "'")
    shown = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    return _DASHES.sub("-", "".join(char for char in shown if unicodedata.category(char) != "Cf"))


def _words(text: str) -> Iterator[_Word]:
    return (_Word(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text))


def _runs(text: str) -> Iterator[_Run]:
    """Capitalised words next to each other, less ordinary ones at either end."""
    words = list(_words(text))
    place = 0
    while place < len(words):
        if not words[place].is_capitalized:
            place += 1
            continue
        end = place + 1
        while end < len(words) and words[end].is_capitalized and _continues(text, words[end - 1], words[end]):
            end += 1
        yield from _trimmed(text, words, place, end)
        place = end


def _continues(text: str, one: _Word, other: _Word) -> bool:
    return not one.text.endswith(("'s", "'")) and _WITHIN.fullmatch(text, one.end, other.start) is not None


def _trimmed(text: str, words: Sequence[_Word], start: int, end: int) -> Iterator[_Run]:
    """The run from `start` to `end` without ordinary words before and after it."""
    opens = _opens(text, words[start]) and not _is_fragment(text, words, start, end)
    while start < end and fold(words[start].text) in _ORDINARY:
        start, opens = start + 1, False
    while start < end and fold(words[end - 1].text) in _ORDINARY:
        end -= 1
    if start < end:
        before = words[start - 1].text.casefold() if start else ""
        yield _Run(tuple(words[start:end]), opens, before, text[words[end - 1].end :][:20])


def _opens(text: str, word: _Word) -> bool:
    """Whether a sentence, a line or a quotation begins with a word."""
    lead = text[max(0, word.start - 12) : word.start]
    if not _OPENERS.search(lead):
        return False
    last = re.search(r"(\S+)\.\s+$", lead)
    return not (last and (last[1].casefold().lstrip("(") in ABBREVIATIONS or re.fullmatch("[A-Z]", last[1])))


def _is_fragment(text: str, words: Sequence[_Word], start: int, end: int) -> bool:
    """Whether the sentence that a run opens has no other word: "He left. Globex Unlimited."."""
    ended = _ENDS.match(text, words[end - 1].end)
    return ended is not None and end - start <= _FRAGMENT and (end - start > 1 or not ended["stop"])


def _degrees(text: str) -> list[str]:
    return [name for pattern, name in _DEGREES if pattern.search(text)]
