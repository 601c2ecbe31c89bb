"""Counts over the corpus for an answer: the stories that a question is about, and their values in groups."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from backend_clients.ask.in_process.aggregates.aggregation import (
    Aggregation,
    Group,
    grouped,
    has_tag,
    label_of,
    limited,
)
from contracts.rules.questions.kinds import QuestionKind, asks_for_sector, listed_facet, says_what_is_listed
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.rules.questions.subjects import Name, Subject, Vocabulary, find_subject, names_all
from contracts.rules.questions.themes import find_theme
from contracts.rules.questions.times import asked_time
from contracts.rules.synonyms import synonyms
from contracts.stories import FACET_FIELDS, MAX_PAGE, Sort, StoryCard, StoryList, StoryListRequest

Browse = Callable[[StoryListRequest], StoryList]
MAX_CARDS: Final = 500
_SHORTEST: Final = 3  # letters of a word that the stories' filter looks up
_MOST_MENTIONS: Final = 10


class Aggregator:
    """Looks up what a question counts, by browsing the stories."""

    def __init__(self, browse: Browse) -> None:
        self._browse = browse

    @cached_property
    def _all(self) -> StoryList:
        return self._browse(StoryListRequest(include_narratives=True, limit=1))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The values that questions may name."""
        facets = self._all.facets
        found = {field: tuple(count.value for count in facets.get(field, ())) for field in FACET_FIELDS}
        return {**found, "owner": self._all.owner}

    def find(self, resolved: ResolvedQuestion) -> Aggregation | None:
        """What the answer to a question counts; None where it counts nothing."""
        if resolved.story_id:
            return None
        subject = find_subject(resolved.subject, self.vocabulary)
        found = None if find_theme(resolved.subject) else self._found(resolved, subject)
        time = asked_time(resolved.subject, self._all.last_end)
        return limited(found, time, resolved) if found and time else found

    def _found(self, resolved: ResolvedQuestion, subject: Subject) -> Aggregation | None:
        match resolved.kind:
            case QuestionKind.YES_NO:
                return self._supported(subject, resolved.subject) if names_all(resolved.subject, subject) else None
            case QuestionKind.COUNT | QuestionKind.WHICH:
                return self._listed(subject, _listed_facet(resolved), resolved)
            case QuestionKind.DURATION:
                return self._about(subject, () if subject.names else subject.words)
            case QuestionKind.COMPARE:
                return self._compared(subject)
            case QuestionKind.SUMMARISE:
                found = self._about(subject, () if subject.names else subject.words)
                return grouped(found, "eras", newest=True) if found else None
            case _:
                return None

    def _supported(self, subject: Subject, text: str) -> Aggregation | None:
        """The stories that have all of a subject; where none has, those of each of its tags.

        A word that is a part of tags may stand in the stories themselves. Two words apart from each other show nothing.
        """
        if len(subject.words) > 1:
            return None
        found = self._about(subject, subject.words, exact=asks_for_sector(text))
        tags = subject.of("tags")
        if found is None or found.cards or len(tags) < len(subject.names) or len(tags) < 2 or subject.words:
            return found
        exact = tuple(name for name in tags if name.exact)
        if len(exact) == len(tags) - 1:
            loose = next(name.phrase for name in tags if not name.exact)
            mentioned = self._about(Subject(exact, (loose,)), (loose,))
            if mentioned and mentioned.cards:
                return mentioned
        return self._each(subject, tags, "apart") or found

    def _each(self, subject: Subject, names: Sequence[Name], facet: str) -> Aggregation | None:
        """The stories of each of some names, in groups; None where fewer than two have any."""
        found = [self._about(Subject((name,)), ()) for name in names]
        groups = [Group(label_of(name), one.cards) for name, one in zip(names, found, strict=True) if one and one.cards]
        cards = tuple(card for group in groups for card in group.cards)
        return (
            Aggregation(subject, cards, len(cards), self._all.last_end, facet, tuple(groups))
            if len(groups) > 1
            else None
        )

    def _about(self, subject: Subject, also: Sequence[str], *, exact: bool = False) -> Aggregation | None:
        """The stories of what a subject names which hold some words as well, or else synonyms of those words.

        Compounds are looked up as they are, and so is every word if `exact`: a bank of cells is no banking.
        """
        whole = [word for word in also if exact or "-" in word]
        plain = [word for word in also if word not in whole]
        if any(len(word) < _SHORTEST for word in also):
            return None
        found = self._holding(subject, whole, plain)
        others = [" ".join((word, *synonyms(word))) for word in plain]
        if found.cards or others == plain:
            return found
        return replace(self._holding(subject, whole, others), in_other_words=True)

    def _holding(self, subject: Subject, whole: Sequence[str], mentions: Sequence[str]) -> Aggregation:
        """The stories of what a subject names, with some tokens, and a word of each of some values in any form."""
        fields: dict[str, Any] = {"q": " ".join(whole)[:200], "include_narratives": True, "sort": Sort.NEWEST}
        fields["mentions"] = tuple(value[:200] for value in mentions[:_MOST_MENTIONS])
        for name in subject.names:
            if name.facet != "tags":
                fields[name.facet] = (*fields.get(name.facet, ()), *name.values)
        tags = subject.of("tags")
        fields["tags"] = tags[0].values[:50] if tags else ()
        cards, total = self._cards(StoryListRequest(**fields))
        tagged = tuple(card for card in cards if all(has_tag(card, name) for name in tags[1:]))
        return Aggregation(subject, tagged, len(tagged) if len(tags) > 1 else total, self._all.last_end)

    def _cards(self, request: StoryListRequest) -> tuple[list[StoryCard], int]:
        cards: list[StoryCard] = []
        while True:
            page = self._browse(request.model_copy(update={"limit": MAX_PAGE, "offset": len(cards)}))
            cards += page.cards
            if not page.cards or len(cards) >= min(page.total, MAX_CARDS):
                return cards, page.total

    def _listed(self, subject: Subject, facet: str, resolved: ResolvedQuestion) -> Aggregation | None:
        beside = Subject(tuple(name for name in subject.names if name.facet != facet), subject.words)
        if resolved.kind is QuestionKind.WHICH and not (facet or beside.names or asked_time(resolved.subject)):
            return None
        loose = tuple(name for name in beside.names if not name.exact and len(name.phrase) >= _SHORTEST)
        if loose and not facet:  # a part of tags: the word itself stands in more stories than have the tags
            phrases = tuple(name.phrase for name in loose)
            beside = Subject(tuple(name for name in beside.names if name not in loose), (*phrases, *beside.words))
        if beside.of("clients") or beside.of("employers"):
            beside = Subject(beside.names)
        found = self._about(beside, beside.words)
        if beside.names and beside.words and not (found and found.cards):
            found = self._about(Subject(beside.names), ())
        return grouped(found, facet) if found and facet else found

    def _compared(self, subject: Subject) -> Aggregation | None:
        facets = [name.facet for name in subject.names]
        sides = subject.of(next((facet for facet in facets if facets.count(facet) > 1), "")) or subject.names
        if len(sides) < 2:
            return None
        return self._each(subject, sides[:2], "compared")


def _listed_facet(resolved: ResolvedQuestion) -> str:
    """The facet that a question lists, or that the question does which it continues."""
    return listed_facet(resolved.text if says_what_is_listed(resolved.text) else resolved.subject)
