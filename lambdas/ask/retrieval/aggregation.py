"""Counted stories: those that a question is about, in groups by value, limited to a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contracts.rules.folding import fold_key
from contracts.rules.questions.generic_words import words
from contracts.rules.questions.kinds import QuestionKind
from contracts.rules.questions.organizations import is_aggregate, is_self
from contracts.rules.questions.periods import span_of
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.rules.questions.subjects import Name, Subject
from contracts.rules.questions.technologies import is_language, is_technology
from contracts.rules.questions.times import AskedTime
from contracts.stories import StoryCard
from contracts.story import NARRATIVE_THEME

MAX_GROUPS: Final = 7
_FIELDS: Final = {
    "clients": "client",
    "employers": "employer",
    "industries": "industry",
    "roles": "role",
    "eras": "era",
    "capabilities": "capability",
    "places": "place",
}
_SELF_EMPLOYED: Final = "Self-employed"
_FEW: Final = 3  # of the latest or earliest stories
_TAGS: Final[dict[str, Callable[[str], bool]]] = {"tags": bool, "technologies": is_technology, "languages": is_language}
_INITIALS: Final = 3  # letters up to which a word is shown in capitals: "AI"


@dataclass(frozen=True, slots=True)
class Group:
    """A value with the cards that have it, newest first."""

    label: str
    cards: tuple[StoryCard, ...]

    def best(self, ranked: Sequence[str]) -> str:
        """The story to cite for it: the first of those ranked, else the newest with a figure, else the newest."""
        own = {card.id for card in self.cards}
        first = [story_id for story_id in ranked if story_id in own] + [card.id for card in self.cards if card.headline]
        return next(iter(first), self.cards[0].id)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The stories that a question is about, newest first, and the groups that its answer lists.

    `total` may exceed the cards; `until` is the last month that the corpus knows of; `when` is the wording of the time
    that the question is limited to. `in_other_words` says that the stories hold synonyms of the subject's words.
    """

    subject: Subject
    cards: tuple[StoryCard, ...]
    total: int
    until: str
    facet: str = ""
    groups: tuple[Group, ...] = ()
    more: int = 0
    when: str = ""
    in_other_words: bool = False

    def cited(self, kind: QuestionKind, ranked: Sequence[str], count: int) -> list[str]:
        """The stories that show it: one a group, else the best ranked with the newest among them."""
        if self.groups:
            return list(dict.fromkeys(group.best(ranked) for group in self.groups))
        own = [card.id for card in self.cards]
        chosen = list(dict.fromkeys([story_id for story_id in ranked if story_id in set(own)] + own))
        if self.when:
            chosen = own
        shown = [own[0]] if kind in (QuestionKind.YES_NO, QuestionKind.COUNT) else []
        shown = [own[0], self.earliest.id] if kind is QuestionKind.DURATION else shown
        best = chosen[: count - len([story_id for story_id in shown if story_id not in chosen[:count]])]
        return list(dict.fromkeys([*best, *shown]))

    @property
    def earliest(self) -> StoryCard:
        dated = [card for card in self.cards if card.start_date]
        return min(dated, key=lambda card: (card.start_date, card.id)) if dated else self.cards[-1]


def limited(aggregation: Aggregation, time: AskedTime, resolved: ResolvedQuestion) -> Aggregation:
    """Limit an aggregation to the stories of a time; of the latest or earliest a few."""
    cards = tuple(card for card in aggregation.cards if time.holds(card.start_date, card.end_date))
    if time.latest or time.earliest:
        cards = cards[:_FEW] if time.latest else cards[-_FEW:]
    limited_to_time = replace(
        aggregation, cards=cards, total=len(cards), facet="", groups=(), more=0, when=time.wording
    )
    if aggregation.facet in ("", "compared", "apart"):
        return limited_to_time
    return grouped(limited_to_time, aggregation.facet, newest=resolved.kind is QuestionKind.SUMMARISE)


def grouped(aggregation: Aggregation, facet: str, *, newest: bool = False) -> Aggregation:
    """Group an aggregation by a facet's values: the most frequent first, or the newest."""
    by_value: dict[str, list[StoryCard]] = {}
    for card in aggregation.cards:
        for value in _values(card, facet):
            by_value.setdefault(value, []).append(card)
    groups = [Group(value, tuple(cards)) for value, cards in by_value.items()]
    if newest:
        groups.sort(key=lambda group: (*_backwards(group), group.label))
    else:
        groups.sort(key=lambda group: (-len(group.cards), group.label))
    more = max(0, len(groups) - MAX_GROUPS)
    shown = tuple(groups[:MAX_GROUPS])
    return replace(aggregation, facet=facet, groups=shown, more=more)


def _backwards(group: Group) -> tuple[int, int]:
    start, end = span_of((card.start_date, card.end_date) for card in group.cards)
    return -int(end.replace("-", "") or 0), -int(start.replace("-", "") or 0)


def _values(card: StoryCard, facet: str) -> Iterable[str]:
    if facet in _TAGS:
        return filter(_TAGS[facet], card.tags)
    value = getattr(card, _FIELDS[facet])
    if facet == "capabilities" and card.theme == NARRATIVE_THEME:
        return ()
    if facet == "employers" and is_self(value):
        return (_SELF_EMPLOYED,)
    return () if not value or (facet == "clients" and is_aggregate(value)) else (value,)


def has_tag(card: StoryCard, name: Name) -> bool:
    wanted = set(map(fold_key, name.values))
    return any(fold_key(tag) in wanted for tag in card.tags)


def label_of(name: Name) -> str:
    if name.exact:
        return name.values[0]
    phrase = " ".join(words(name.phrase))
    return phrase.upper() if len(phrase) <= _INITIALS else phrase
