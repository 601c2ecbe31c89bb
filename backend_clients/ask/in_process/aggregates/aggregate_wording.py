"""Wording of counts: how many stories, with which clients, and what they are about."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend_clients.ask.in_process.extractive import name
from backend_clients.ask.in_process.story_prose import joined
from contracts.rules.questions.generic_words import stem, words
from contracts.rules.questions.organizations import is_aggregate, is_self
from contracts.rules.questions.subjects import Subject, as_written
from contracts.rules.synonyms import synonyms
from contracts.stories import StoryCard
from contracts.story import Story


def stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"


def clients(cards: Sequence[StoryCard]) -> list[str]:
    return most_common(card.client for card in cards if not is_aggregate(card.client))


def most_common(values: Iterable[str]) -> list[str]:
    counts: dict[str, int] = {}
    for value in values:
        if value:
            counts[value] = counts.get(value, 0) + 1
    return sorted(counts, key=lambda value: (-counts[value], value))


def with_clients(cards: Sequence[StoryCard]) -> str:
    count = len(clients(cards))
    return f" with {count} client{'' if count == 1 else 's'}" if count and len(cards) > 1 else ""


def at(card: StoryCard) -> str:
    """Aggregate clients are no place to be at."""
    return f"for {name(card.client)}" if is_aggregate(card.client) else f"at {name(card.client)}" if card.client else ""


def covers(subject: Subject, count: int = 1, question: str = "") -> str:
    """What a story does that is about a subject: "covers AWS at Acme"; words are written as the question has them."""
    things = [name(_shown(item.values, item.phrase, exact=item.exact)) for item in subject.of("tags")]
    things += [name(item.values[0]) for item in subject.of("capabilities")]
    mentioned = [name(as_written(question, word)) for word in subject.words]
    where = about(Subject(tuple(item for item in subject.names if item.facet not in ("tags", "capabilities"))))
    phrases = [
        f"{verb if count == 1 else verb.removesuffix('s')} {joined(held)}"
        for verb, held in (("covers", things), ("mentions", mentioned))
        if held
    ]
    if not phrases:
        verb = ("was done" if count == 1 else "were done") if subject.of("roles") else "is" if count == 1 else "are"
        return f"{verb} {where}" if where else ""
    return f"{' and '.join(phrases)}{f' {where}' if where else ''}"


def in_words_of(subject: Subject, stories: Iterable[Story]) -> Subject:
    """The subject with those synonyms of its words that some stories hold."""
    held = {stem(word) for story in stories for text in story.texts() for word in words(text)}
    shown = (
        " or ".join(other for other in (word, *synonyms(word)) if stem(other) in held) or word for word in subject.words
    )
    return replace(subject, words=tuple(shown))


def about(subject: Subject) -> str:
    """What was counted, as it follows a noun: "at Acme in Retail with Kafka"."""
    parts = []
    for facet, preposition in (
        ("clients", "at"),
        ("employers", "for"),
        ("industries", "in"),
        ("roles", "as"),
        ("eras", "in"),
    ):
        found = [item for item in subject.of(facet) if not (facet == "employers" and is_self(item.values[0]))]
        if named := [item.values[0] if item.exact else item.phrase for item in found]:
            parts.append(f"{preposition} {joined(map(name, named))}")
    if any(is_self(item.values[0]) for item in subject.of("employers")):
        parts.append("as self-employed")
    named = [_shown(item.values, item.phrase, exact=item.exact) for item in subject.of("tags")]
    named += [item.values[0] for item in subject.of("capabilities")]
    if named:
        parts.append(f"with {joined(map(name, named))}")
    if subject.words and not subject.names:
        parts.append(f"that mention {joined(map(name, subject.words))}")
    return " ".join(parts)


def _shown(values: Sequence[str], phrase: str, *, exact: bool) -> str:
    return values[0] if exact else phrase.upper() if len(phrase) < 4 else phrase
