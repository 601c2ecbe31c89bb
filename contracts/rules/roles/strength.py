"""How strongly sentences show a requirement: by the things it names, and by the words that say what it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from contracts.rules.questions.generic_words import FUNCTION_WORDS, GENERIC_WORDS, stem, words
from contracts.rules.roles.word_lists import ASKING_OF_ROLES, IRREGULAR_VERBS, SOFT_WORDS

STRONG_SHARE: Final = 0.6  # of a requirement's weight, in one sentence
STRONG_WITH_HEADINGS: Final = 0.8  # with what the story's headings show, which counts half
PARTIAL_SHARE: Final = 0.4  # likewise
SHOWN_SENTENCES: Final = 3
_GENERIC_WEIGHT: Final = 0.3
_NAME_WEIGHT: Final = 2.0
_CONTEXT: Final = 0.5
_LEAST_STEMS: Final = 2
_CASED: Final = "="  # marks the stem of a word written with capitals within, such as "AWS"
_LEADERSHIP: Final = frozenset({"lead", "manag"})

_SOFT_STEMS: Final = frozenset(map(stem, SOFT_WORDS))
_YEARS: Final = re.compile(
    r"\b(\d{1,2})(?:\s*(?:-|\u2013|to)\s*\d{1,2})?\s*\+?\s*(?:or more\s+|plus\s+)?(?:years?|yrs?)\b", re.IGNORECASE
)
_ONE_OF: Final = re.compile(r"\s+(?:and/)?or\s+|\s*/\s*(?=[A-Z])", re.IGNORECASE)
_OR_SO: Final = re.compile(
    r"\bor (?:more|above|over|equivalent|similar|better|so|related|other|comparable)\b", re.IGNORECASE
)
_FOR_EXAMPLE: Final = re.compile(r"\b(?:e\.g|such as|like|for example|for instance|any of|one of)\b", re.IGNORECASE)
_WRITTEN: Final = re.compile(r"[^\W_](?:[\w.+#&/'\u2019-]*[\w+#])?")


class Strength(StrEnum):
    """How strongly the stories show a requirement."""

    STRONG = "strong"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sought:
    """What a requirement, or one of its alternatives, asks for: weighted stems, and the things named, as written.

    With `any_name` one of the things named is enough, as for "Kafka, Flink or Kinesis"; else half of them. `cased` are
    those written with capitals within.
    """

    weights: dict[str, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    cased: frozenset[str] = frozenset()
    any_name: bool = False

    @property
    def telling(self) -> frozenset[str]:
        """The stems that say what it is about, names aside."""
        return frozenset(key for key, weight in self.weights.items() if weight >= 1.0 and key not in self.names)


@dataclass(frozen=True, slots=True)
class Shown:
    """What one sentence shows: the stems it holds, its share of the weight, and the share with the story's headings."""

    stems: frozenset[str] = frozenset()
    share: float = 0.0
    with_context: float = 0.0
    context: frozenset[str] = frozenset()


def years_asked(requirement: str) -> int:
    """The years of experience that a requirement asks for, 0 for none."""
    found = _YEARS.search(requirement)
    return int(found[1]) if found else 0


def find_alternatives(requirement: str) -> list[Sought]:
    """What a requirement asks for, without the words that only ask: one for each part that "or" sets apart."""
    text = _OR_SO.sub(" ", _YEARS.sub(" ", requirement))
    found = [_sought(part) for part in _split_at_or(text)]
    telling = [one for one in found if one.telling or one.names]
    return telling or [one for one in found if one.weights][:1]


def root(word: str) -> str:
    """The stem of a word, irregular verbs included: "led" and "leadership" have one."""
    return stem(IRREGULAR_VERBS.get(word, word))


def roots(text: str) -> frozenset[str]:
    """The stems of a text's words, and a mark for each word written with capitals within."""
    found: set[str] = set()
    for word in _WRITTEN.findall(text):
        stems = [root(part) for part in words(word)]
        found.update(stems)
        if _has_inner_capital(word):
            found.update(f"{_CASED}{key}" for key in stems)
    return frozenset(found)


def show(sought: Sought, sentence: frozenset[str], headings: frozenset[str]) -> Shown:
    """What a sentence shows, given as stems, and what the headings of its story add."""
    total = _weight(sought, frozenset(sought.weights))
    found, added = _held(sought, sentence), _held(sought, headings)
    if not (found or added):
        return Shown()
    added -= found
    share = _weight(sought, found) / total
    return Shown(found, round(share, 6), round(share + _CONTEXT * _weight(sought, added) / total, 6), added)


def _held(sought: Sought, stems: frozenset[str]) -> frozenset[str]:
    """The stems sought that some stems hold; what is written with capitals within must be so there, too."""
    return frozenset(
        key for key in sought.weights if key in stems and (key not in sought.cased or f"{_CASED}{key}" in stems)
    )


def strength_of(sought: Sought, shown: Sequence[Shown]) -> Strength:
    """How strongly some sentences show what is asked for.

    It is strong where one sentence says it and half or more of the things named stand in the sentences. It is partial
    where a thing named stands in them, or two of the stems, or the only one.
    """
    held = frozenset[str]().union(*(one.stems for one in shown))
    named = len(held & frozenset(sought.names))
    enough = named if sought.any_name else named * 2 >= len(sought.names)
    if any(_says(sought, one) for one in shown) and (enough or not sought.names):
        return Strength.STRONG
    return Strength.PARTIAL if named or any(_is_related(sought, one) for one in shown) else Strength.NONE


def missing_names(sought: Sought, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The things a requirement names that no sentence holds, as written."""
    held = frozenset[str]().union(*(one.stems for one in shown))
    if sought.any_name and held & frozenset(sought.names):
        return ()
    return tuple(word for key, word in sought.names.items() if key not in held)


def best_places(sought: Sought, shown: Sequence[Shown], owners: Sequence[str], count: int) -> list[int]:
    """Places of the sentences to show, those that say most first: one a story, and those that hold names not yet shown.

    `owners` are the stories of the sentences.
    """
    places = [place for place, one in enumerate(shown) if _says(sought, one) or _is_related(sought, one)]
    places.sort(key=lambda place: (not _says(sought, shown[place]), -shown[place].with_context, place))
    chosen: list[int] = []
    held: frozenset[str] = frozenset()
    for wanted in (True, False):  # names first
        for place in places:
            names = shown[place].stems & frozenset(sought.names)
            is_new = bool(names - held) if wanted else owners[place] not in {owners[other] for other in chosen}
            if place not in chosen and is_new:
                chosen.append(place)
                held |= names
    return sorted(chosen[:count], key=places.index)


def _split_at_or(text: str) -> list[str]:
    """The alternatives of a text; an "or" within a list of names sets none apart."""
    parts = [""]
    place = 0
    for match in _ONE_OF.finditer(text):
        before, after = _WRITTEN.findall(text[: match.start()]), _WRITTEN.findall(text[match.end() :])
        parts[-1] += text[place : match.start()]
        place = match.end()
        if before and after and _is_name(before[-1], 1) and _is_name(after[0], 1):
            parts[-1] += match[0]
        else:
            parts.append("")
    parts[-1] += text[place:]
    return parts


def _sought(text: str) -> Sought:
    weights: dict[str, float] = {}
    names: dict[str, str] = {}
    cased: set[str] = set()
    for place, word in enumerate(_WRITTEN.findall(text)):
        for part in words(word):
            if part in FUNCTION_WORDS or part in ASKING_OF_ROLES or part.isdecimal():
                continue
            key, is_common = root(part), part in GENERIC_WORDS or part in SOFT_WORDS
            is_name = not is_common and _is_name(word, place)
            weight = _GENERIC_WEIGHT if is_common else _NAME_WEIGHT if is_name else 1.0
            weights[key] = max(weight, weights.get(key, 0.0))
            if is_name:
                names.setdefault(key, word)
                cased |= {key} if _has_inner_capital(word) else set()
    return Sought(weights, names, frozenset(cased), bool(_ONE_OF.search(text) or _FOR_EXAMPLE.search(text)))


def _weight(sought: Sought, keys: frozenset[str]) -> float:
    return sum(sought.weights[key] for key in sorted(keys))


def _says(sought: Sought, shown: Shown) -> bool:
    """Whether one sentence says what is asked for: most of the words, or a thing named.

    A thing named needs half of the other words in the sentence or the story's headings. Where leading is asked for, the
    sentence speaks of leading.
    """
    telling = sought.telling
    if not _LEADERSHIP.isdisjoint(sought.weights) and _LEADERSHIP.isdisjoint(shown.stems):
        return False
    if sought.names:
        held = (shown.stems | shown.context) & telling
        return bool(shown.stems & frozenset(sought.names)) and len(held) * 2 >= len(telling)
    enough = len(shown.stems) >= _LEAST_STEMS or len(sought.weights) == 1
    is_whole = shown.share >= STRONG_SHARE and shown.with_context >= STRONG_WITH_HEADINGS
    is_manner = any(key in _SOFT_STEMS for key in sought.weights)
    return is_whole and enough and not is_manner and bool(shown.stems & telling)


def _is_related(sought: Sought, shown: Shown) -> bool:
    if shown.stems & frozenset(sought.names):
        return True
    stems = shown.stems | shown.context
    enough = len(stems) >= _LEAST_STEMS or len(sought.weights) == 1
    return shown.with_context >= PARTIAL_SHARE and enough and (bool(stems & sought.telling) or not sought.telling)


def _is_name(word: str, place: int) -> bool:
    """Whether a word is written as a name: a capital or sign within, or a capital not at the start."""
    return _has_inner_capital(word) or any(char in "+#" for char in word) or (place > 0 and word[:1].isupper())


def _has_inner_capital(word: str) -> bool:
    return any(char.isupper() for char in word[1:])
