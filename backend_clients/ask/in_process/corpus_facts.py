"""Facts of the corpus that an answer counts: the stories that a question is about, and their values in groups."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from backend_clients.ask.in_process.follow_ups import ResolvedQuestion
from contracts.rules.questions.generic_words import words
from contracts.rules.questions.kinds import QuestionKind, listed_facet
from contracts.rules.questions.periods import span_of
from contracts.rules.questions.subjects import Name, Subject, Vocabulary, find_subject, is_aggregate, names_all
from contracts.stories import FACET_FIELDS, MAX_PAGE, Sort, StoryCard, StoryList, StoryListRequest

Browse = Callable[[StoryListRequest], StoryList]
MAX_CARDS: Final = 500
MAX_GROUPS: Final = 7
_SHORTEST: Final = 3  # letters of a word that the stories' filter looks up
_FIELDS: Final = {
    "clients": "client",
    "industries": "industry",
    "roles": "role",
    "eras": "era",
    "capabilities": "capability",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A value with the cards that have it, newest first."""

    label: str
    cards: tuple[StoryCard, ...]

    def best(self, ranked: Sequence[str]) -> str:
        """The story to cite for it: the first of those ranked, else the newest with a figure, else the newest."""
        own = {card.id for card in self.cards}
        told = [story_id for story_id in ranked if story_id in own] + [card.id for card in self.cards if card.headline]
        return next(iter(told), self.cards[0].id)


@dataclass(frozen=True, slots=True)
class Facts:
    """The stories that a question is about, newest first, and the groups that its answer sets out.

    `total` may exceed the cards; `until` is the last month that the corpus knows of.
    """

    subject: Subject
    cards: tuple[StoryCard, ...]
    total: int
    until: str
    facet: str = ""
    groups: tuple[Group, ...] = ()
    more: int = 0

    def cited(self, kind: QuestionKind, ranked: Sequence[str], count: int) -> list[str]:
        """The stories that show it: one a group, else the best ranked with the newest among them."""
        if self.groups:
            return list(dict.fromkeys(group.best(ranked) for group in self.groups))
        own = [card.id for card in self.cards]
        chosen = list(dict.fromkeys([story_id for story_id in ranked if story_id in set(own)] + own))
        shown = [own[0]] if kind in (QuestionKind.YES_NO, QuestionKind.COUNT) else []
        shown = [own[0], self.earliest.id] if kind is QuestionKind.DURATION else shown
        kept = chosen[: count - len([story_id for story_id in shown if story_id not in chosen[:count]])]
        return list(dict.fromkeys([*kept, *shown]))

    @property
    def earliest(self) -> StoryCard:
        dated = [card for card in self.cards if card.start_date]
        return min(dated, key=lambda card: (card.start_date, card.id)) if dated else self.cards[-1]


class CorpusFacts:
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
        return {field: tuple(count.value for count in facets.get(field, ())) for field in FACET_FIELDS}

    def find(self, asked: ResolvedQuestion, question: str) -> Facts | None:
        """What the answer to a question counts; None where it counts nothing."""
        subject = find_subject(asked.subject, self.vocabulary)
        match asked.kind:
            case QuestionKind.YES_NO:
                return self._about(subject, subject.words) if names_all(asked.subject, subject) else None
            case QuestionKind.COUNT | QuestionKind.WHICH:
                return self._listed(subject, listed_facet(question), asked.kind)
            case QuestionKind.DURATION:
                return self._about(subject, () if subject.names else subject.words)
            case QuestionKind.COMPARE:
                return self._compared(subject)
            case QuestionKind.SUMMARISE:
                found = self._about(subject, () if subject.names else subject.words)
                return _grouped(found, "eras", newest=True) if found else None
            case _:
                return None

    def _about(self, subject: Subject, also: Sequence[str]) -> Facts | None:
        """The stories of what a subject names which hold some words as well."""
        lookup = [word for word in also if len(word) >= _SHORTEST]
        if len(lookup) < len(also) or (also and not lookup):
            return None
        fields: dict[str, Any] = {"q": " ".join(lookup)[:200], "include_narratives": True, "sort": Sort.NEWEST}
        for name in subject.names:
            if name.facet != "tags":
                fields[name.facet] = (*fields.get(name.facet, ()), *name.values)
        tags = subject.of("tags")
        fields["tags"] = tags[0].values[:50] if tags else ()
        cards, total = self._cards(StoryListRequest(**fields))
        kept = tuple(card for card in cards if all(_has_tag(card, name) for name in tags[1:]))
        return Facts(subject, kept, len(kept) if len(tags) > 1 else total, self._all.last_end)

    def _cards(self, request: StoryListRequest) -> tuple[list[StoryCard], int]:
        cards: list[StoryCard] = []
        while True:
            page = self._browse(request.model_copy(update={"limit": MAX_PAGE, "offset": len(cards)}))
            cards += page.cards
            if not page.cards or len(cards) >= min(page.total, MAX_CARDS):
                return cards, page.total

    def _listed(self, subject: Subject, facet: str, kind: QuestionKind) -> Facts | None:
        beside = Subject(tuple(name for name in subject.names if name.facet != facet), subject.words)
        if kind is QuestionKind.WHICH and not facet and not beside.names:
            return None
        found = self._about(beside, () if beside.names else beside.words)
        return _grouped(found, facet) if found and facet else found

    def _compared(self, subject: Subject) -> Facts | None:
        facets = [name.facet for name in subject.names]
        sides = subject.of(next((facet for facet in facets if facets.count(facet) > 1), "")) or subject.names
        if len(sides) < 2:
            return None
        found = [self._about(Subject((side,)), ()) for side in sides[:2]]
        groups = [Group(_label(side), one.cards) for side, one in zip(sides, found, strict=False) if one and one.cards]
        if len(groups) < 2:
            return None
        cards = tuple(card for group in groups for card in group.cards)
        return Facts(subject, cards, len(cards), self._all.last_end, "compared", tuple(groups))


def _grouped(facts: Facts, facet: str, *, newest: bool = False) -> Facts:
    """Facts in groups by a facet's values: the most frequent first, or the newest."""
    by_value: dict[str, list[StoryCard]] = {}
    for card in facts.cards:
        for value in _values(card, facet):
            by_value.setdefault(value, []).append(card)
    groups = [Group(value, tuple(cards)) for value, cards in by_value.items()]
    if newest:
        groups.sort(key=lambda group: (*_backwards(group), group.label))
    else:
        groups.sort(key=lambda group: (-len(group.cards), group.label))
    more = max(0, len(groups) - MAX_GROUPS)
    return Facts(facts.subject, facts.cards, facts.total, facts.until, facet, tuple(groups[:MAX_GROUPS]), more)


def _backwards(group: Group) -> tuple[int, int]:
    start, end = span_of((card.start_date, card.end_date) for card in group.cards)
    return -int(end.replace("-", "") or 0), -int(start.replace("-", "") or 0)


def _values(card: StoryCard, facet: str) -> Iterable[str]:
    if facet == "tags":
        return card.tags
    value = getattr(card, _FIELDS[facet])
    return () if not value or (facet == "clients" and is_aggregate(value)) else (value,)


def _has_tag(card: StoryCard, name: Name) -> bool:
    wanted = {value.casefold() for value in name.values}
    return any(tag.casefold() in wanted for tag in card.tags)


def _label(name: Name) -> str:
    return name.values[0] if name.exact else " ".join(words(name.phrase))
