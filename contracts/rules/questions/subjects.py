"""What a question is about: the clients, industries, tags and roles it names, and the words beside them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from contracts.rules.abbreviations import in_known_forms
from contracts.rules.names.client_mentions import find_mentions
from contracts.rules.names.ordinary_words import LEGAL_FORMS
from contracts.rules.questions.generic_words import (
    ACTION_WORDS,
    is_topical,
    stem,
    stems,
    topic_words,
    words,
)
from contracts.rules.questions.organizations import is_aggregate, is_self, otherwise_written
from contracts.rules.questions.persons import job_title, person_words
from contracts.rules.questions.themes import find_theme
from contracts.rules.questions.times import without_time

Vocabulary = Mapping[str, Sequence[str]]
PHRASE_FACETS: Final = ("industries", "tags", "capabilities", "roles", "eras")
_PARTS: Final = re.compile(r"\s*[/&,]\s*|\s+and\s+", re.IGNORECASE)
_CROSS: Final = frozenset({"cross industry", "cross-industry", "multiple industries", "various"})
_LIST_NOUN: Final = re.compile(
    r"\b(?:programming|coding|scripting|computer|technical|tech|job)\s+(?=(?:languages?|skills?|stack|titles?)\b)",
    re.IGNORECASE,
)
_COUNTED_NOUN: Final = re.compile(
    r"\b(how\s+many\s+[\w-]+\s+)(?:trials|studies|migrations|launches|audits|reviews|rescues|implementations|transformations)\b",
    re.IGNORECASE,
)
_COMPOUND: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)+")
_ON_ONE_S_OWN: Final = re.compile(
    r"\b(?:self[- ]employed|freelanc(?:e|ing|er)|(?:been|being|became|become|went|go|going)\s+independent"
    r"|independently|on\s+(?:his|her|your|their)\s+own)\b",
    re.IGNORECASE,
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


def find_subject(question: str, vocabulary: Vocabulary) -> Subject:
    """The values that a question names, and its other content words."""
    question = _COUNTED_NOUN.sub(r"\1", _LIST_NOUN.sub("", without_time(question.replace("on call", "on-call"))))
    named = list(_named_organizations(question, vocabulary))
    shown = words(question)
    named += _job_title(question, shown, vocabulary)
    taken = {place for name in named for place in _places(shown, words(name.phrase))}
    phrases = _phrases_of(vocabulary)
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
    left_out = person_words(question) | (LEGAL_FORMS if named else frozenset())
    left = (word for number, word in enumerate(shown) if number not in taken and word not in left_out)
    whole = _compounds(question)
    topical = dict.fromkeys(whole.get(word, word) for word in left if is_topical(word) and not word.isdecimal())
    return Subject(tuple(sorted(named, key=lambda name: name.place)), tuple(topical))


def in_known_forms_of(question: str, vocabulary: Vocabulary) -> str:
    """The question with the values' own forms of abbreviations: "AI" for "artificial intelligence"."""
    phrases = _phrases_of(vocabulary)

    def is_known(form: str) -> bool:
        key = tuple(stems(form))
        return key in phrases.by_stems or (len(key) == 1 and key[0] in phrases.tags_with)

    return in_known_forms(question, is_known)


def _job_title(question: str, shown: Sequence[str], vocabulary: Vocabulary) -> Iterator[Name]:
    """The roles that hold the job title which a question gives the owner: "director" of "has he been a director?"."""
    title = words(job_title(question))
    roles = [role for role in vocabulary.get("roles", ()) if title and _places(words(role), title)]
    if roles and any(map(is_topical, title)):
        exact = len(roles) == 1 and len(words(roles[0])) == len(title)
        yield Name("roles", tuple(roles), " ".join(title), _place(shown, title[0]), exact)


def _compounds(question: str) -> dict[str, str]:
    """Compounds such as "hands-on" by the one word of theirs that has a meaning without the others."""
    found: dict[str, str] = {}
    for match in _COMPOUND.finditer(question):
        topical = [word for word in words(match[0]) if is_topical(word)]
        if len(topical) == 1:
            found[topical[0]] = match[0].lower()
    return found


def names_all(question: str, subject: Subject) -> bool:
    """Whether a subject holds all that a question is about, so that counting its stories answers it."""
    held = {word for name in subject.names for word in words(name.phrase)}
    held |= {word for whole in subject.words for word in words(whole)}
    return (
        bool(held)
        and find_theme(question) is None
        and (held | person_words(question) | ACTION_WORDS).issuperset(topic_words(_LIST_NOUN.sub("", question)))
    )


def as_written(question: str, word: str) -> str:
    """A folded word as the question writes it."""
    found = re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", question, re.IGNORECASE)
    return found[0] if found else word


def _named_organizations(question: str, vocabulary: Vocabulary) -> Iterator[Name]:
    """Clients and employers by their full name, or by a first word that is unambiguous and written as a name.

    An organization that is both is the employer, whose stories include those of the client.
    """
    facets = {client: "clients" for client in vocabulary.get("clients", ()) if not is_aggregate(client)}
    facets |= {employer: "employers" for employer in vocabulary.get("employers", ()) if not is_self(employer)}
    full = find_mentions(question, facets)
    shown = words(question)
    firsts: dict[str, list[str]] = {}
    for organization in facets:
        firsts.setdefault(next(iter(words(organization)), ""), []).append(organization)
    also = otherwise_written(question, tuple(facets))
    capitals = {word.casefold() for word in re.findall(r"\b[A-Z][\w&]+", question)}
    if not re.search(r"\w\W+[A-Z]", question):
        capitals |= set(shown)  # no word is capitalized as a name
    own = next(filter(is_self, vocabulary.get("employers", ())), "")
    if own and (match := _ON_ONE_S_OWN.search(question)):
        phrase = words(match[0])
        yield Name("employers", (own,), " ".join(phrase), _place(shown, phrase[0]))
    for organization, facet in facets.items():
        written = words(organization)
        first = next(iter(written), "")
        if organization in full:
            held = [word for word in written if word in shown] or written
            yield Name(facet, (organization,), " ".join(held), _place(shown, held[0]))
        elif first in shown and len(first) > 3 and firsts[first] == [organization] and first in capitals:
            length = next(n for n in range(len(written), 0, -1) if _places(shown, written[:n]))
            yield Name(facet, (organization,), " ".join(written[:length]), _place(shown, first))
        elif found := also.get(organization):
            yield Name(facet, (organization,), " ".join(found), _place(shown, found[0]))


def _place(shown: Sequence[str], word: str) -> int:
    return shown.index(word) if word in shown else len(shown)


def _places(shown: Sequence[str], phrase: Sequence[str]) -> list[int]:
    """Where a run of words stands; its single words where the run is written apart."""
    length = len(phrase)
    for start in range(len(shown) - length + 1):
        if list(shown[start : start + length]) == list(phrase):
            return [*range(start, start + length)]
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


def _phrases_of(vocabulary: Vocabulary) -> _Phrases:
    return _phrases(tuple((facet, tuple(vocabulary.get(facet, ()))) for facet in PHRASE_FACETS))


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
