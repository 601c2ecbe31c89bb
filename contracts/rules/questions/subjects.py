"""What a question is about: the clients, industries, tags and roles it names, and the words beside them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from contracts.rules.names.client_mentions import find_mentions
from contracts.rules.names.forms import name_table
from contracts.rules.names.mentions import NameFinder
from contracts.rules.names.ordinary_words import ORDINARY_WORDS
from contracts.rules.questions.generic_words import (
    ASKING_WORDS,
    FUNCTION_WORDS,
    GENERIC_WORDS,
    stem,
    stems,
    topic_words,
    words,
)
from contracts.rules.questions.persons import person_words
from contracts.story import Story

Vocabulary = Mapping[str, Sequence[str]]
PHRASE_FACETS: Final = ("industries", "tags", "capabilities", "roles", "eras")
_PARTS: Final = re.compile(r"\s*[/&,]\s*|\s+and\s+", re.IGNORECASE)
_CROSS: Final = frozenset({"cross industry", "cross-industry", "multiple industries", "various"})
_AGGREGATES: Final = frozenset(
    {"multiple clients", "various clients", "fortune 500 clients", "independent project", "independent projects"}
)
_SHORTENED: Final = 5  # letters from which a word may be the beginning of a longer one: "telecom"


@dataclass(frozen=True)
class Name:
    """A value, or several that one phrase means, of a facet, with the phrase's place among the question's words.

    It is not `exact` where the phrase is a part of the values: "AI" of "Generative AI".
    """

    facet: str
    values: tuple[str, ...]
    phrase: str
    place: int = 0
    exact: bool = True


@dataclass(frozen=True)
class Subject:
    """Names in the order of the question, and the other words that say what it is about."""

    names: tuple[Name, ...] = ()
    words: tuple[str, ...] = ()

    def of(self, facet: str) -> tuple[Name, ...]:
        return tuple(name for name in self.names if name.facet == facet)


@dataclass(frozen=True)
class _Phrases:
    """Phrases by their stems, and tags by each stem they hold."""

    by_stems: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)
    tags_with: dict[str, list[str]] = field(default_factory=dict)
    longest: int = 1


def is_aggregate(client: str) -> bool:
    """Whether a client stands for several: nobody works at "Multiple Clients"."""
    return " ".join(client.split()).casefold() in _AGGREGATES


def find_subject(question: str, vocabulary: Vocabulary) -> Subject:
    """What a question names and what it is about beside that."""
    clients = [client for client in vocabulary.get("clients", ()) if not is_aggregate(client)]
    named = list(_named_clients(question, clients))
    shown = words(question)
    taken = {place for name in named for place in _places(shown, words(name.phrase))}
    phrases = _phrases(tuple((facet, tuple(vocabulary.get(facet, ()))) for facet in PHRASE_FACETS))
    stemmed = [stem(word) for word in shown]
    place = 0
    while place < len(shown):
        found = _phrase_at(place, shown, stemmed, taken, phrases)
        if found is None:
            place += 1
            continue
        length = len(found.phrase.split())
        named.append(found)
        taken |= set(range(place, place + length))
        place += length
    persons = person_words(question)
    left = (word for number, word in enumerate(shown) if number not in taken and word not in persons)
    return Subject(tuple(sorted(named, key=lambda name: name.place)), tuple(dict.fromkeys(filter(_tells, left))))


def names_all(question: str, subject: Subject) -> bool:
    """Whether a subject holds all that a question is about, so that counting its stories answers it."""
    held = {word for name in subject.names for word in words(name.phrase)} | set(subject.words)
    return bool(held) and (held | person_words(question)).issuperset(topic_words(question))


def as_written(question: str, word: str) -> str:
    """A folded word as the question writes it."""
    found = re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", question, re.IGNORECASE)
    return found[0] if found else word


def is_topical(word: str) -> bool:
    return word not in FUNCTION_WORDS and word not in ASKING_WORDS and word not in GENERIC_WORDS


def _tells(word: str) -> bool:
    return is_topical(word) and not word.isdecimal()


def _named_clients(question: str, clients: Sequence[str]) -> Iterator[Name]:
    """Clients by their full name, or by a first word that is no other client's and is written as a name."""
    full = find_mentions(question, clients)
    shown = words(question)
    firsts: dict[str, list[str]] = {}
    for client in clients:
        firsts.setdefault(next(iter(words(client)), ""), []).append(client)
    also = _otherwise_written(question, clients)
    capitals = {word.casefold() for word in re.findall(r"\b[A-Z][\w&]+", question)}
    if not re.search(r"\w\W+[A-Z]", question):
        capitals |= set(shown)  # nothing is written as a name here
    for client in clients:
        written = words(client)
        first = next(iter(written), "")
        if client in full:
            held = [word for word in written if word in shown] or written
            yield Name("clients", (client,), " ".join(held), _place(shown, held[0]))
        elif first in shown and len(first) > 3 and firsts[first] == [client] and first in capitals:
            length = next(n for n in range(len(written), 0, -1) if _places(shown, written[:n]))
            yield Name("clients", (client,), " ".join(written[:length]), _place(shown, first))
        elif found := also.get(client):
            yield Name("clients", (client,), " ".join(found), _place(shown, found[0]))


def _otherwise_written(question: str, clients: Sequence[str]) -> dict[str, list[str]]:
    """Clients with the words that name them by initials or with a typo."""
    names, finder = _finder(tuple(clients))
    plain = not any(char.isupper() for char in question[1:])
    found: dict[str, list[str]] = {}
    for mention in finder.find(question):
        written = question[mention.start : mention.end]
        if len(mention.names) == 1 and words(written) and (plain or any(char.isupper() for char in written)):
            found.setdefault(names[min(mention.names)], words(written))
    return found


@lru_cache(maxsize=8)
def _finder(clients: tuple[str, ...]) -> tuple[tuple[str, ...], NameFinder]:
    stories = [Story(id=str(number), client=client) for number, client in enumerate(clients)]
    table = name_table(stories)
    return table.names, NameFinder(table, lambda word: not is_topical(word) or word in ORDINARY_WORDS)


def _place(shown: Sequence[str], word: str) -> int:
    return shown.index(word) if word in shown else len(shown)


def _places(shown: Sequence[str], phrase: Sequence[str]) -> list[int]:
    """Where a run of words stands; its single words where the run is written apart."""
    length = len(phrase)
    for start in range(len(shown) - length + 1):
        if list(shown[start : start + length]) == list(phrase):
            return list(range(start, start + length))
    return [shown.index(word) for word in phrase] if all(word in shown for word in phrase) else []


def _phrase_at(
    place: int, shown: Sequence[str], stemmed: Sequence[str], taken: Iterable[int], phrases: _Phrases
) -> Name | None:
    """The longest known phrase that begins at a place, or the tags that hold the word there."""
    for length in range(min(phrases.longest, len(shown) - place), 0, -1):
        if not set(range(place, place + length)).isdisjoint(taken):
            continue
        if known := phrases.by_stems.get(tuple(stemmed[place : place + length])):
            if length == 1 and not is_topical(shown[place]):
                continue
            return Name(known[0], (known[1],), " ".join(shown[place : place + length]), place)
    word = shown[place]
    if place in set(taken) or not is_topical(word):
        return None
    if industry := _lengthened(word, phrases):
        return Name("industries", (industry,), word, place)
    if tags := phrases.tags_with.get(stemmed[place]):
        return Name("tags", tuple(tags), word, place, exact=False)
    return None


def _lengthened(word: str, phrases: _Phrases) -> str:
    """The industry whose one-word name begins with a word, if it is one."""
    if len(word) < _SHORTENED:
        return ""
    found = {
        value
        for key, (facet, value) in phrases.by_stems.items()
        if facet == "industries" and len(key) == 1 and key[0].startswith(word)
    }
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=8)
def _phrases(vocabulary: tuple[tuple[str, tuple[str, ...]], ...]) -> _Phrases:
    by_stems: dict[tuple[str, ...], tuple[str, str]] = {}
    tags_with: dict[str, list[str]] = {}
    for facet, values in vocabulary:
        for value in values:
            if facet == "industries" and " ".join(value.split()).casefold() in _CROSS:
                continue
            parts = [value, *_PARTS.split(value)] if facet == "industries" else [value]
            for key in filter(None, (tuple(stems(part)) for part in parts)):
                by_stems.setdefault(key, (facet, value))
            if facet == "tags":
                for word in set(stems(value)):
                    tags_with.setdefault(word, []).append(value)
    return _Phrases(by_stems, tags_with, max((len(key) for key in by_stems), default=1))
