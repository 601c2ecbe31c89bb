"""Filters and facets: what filters read of a story is kept once, and one pass over the stories counts every facet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.rules.questions.generic_words import stems, stems_of_tokens
from contracts.rules.tokens import token_set, tokens
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES, FacetCount, StoryFilters, StoryListRequest
from contracts.story import Story

_ATTRIBUTES: Final = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "employers": "employer",
    "roles": "role",
    "domains": "domain",
    "themes": "theme",
    "tags": "tags",
}
_ALL: Final = -1

Spellings = Mapping[str, Mapping[str, str]]


class StoryTraits:
    """What filters read of one story. `keys` holds the folded keys of its values, by the order of FACET_FIELDS."""

    def __init__(self, story: Story, keys: tuple[frozenset[str], ...]) -> None:
        self.story = story
        self.keys = keys
        self.is_narrative = story.is_narrative

    @cached_property
    def has_metric(self) -> bool:
        return bool(story_metrics(self.story))

    @cached_property
    def tokens(self) -> frozenset[str]:
        return token_set(self.story.texts())

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(stems_of_tokens(self.tokens))


class StoryFilter:
    """The filters of one request. Values are compared by their folded keys."""

    def __init__(self, filters: StoryFilters) -> None:
        self._wanted = [
            (place, frozenset(map(fold_key, values)))
            for place, field in enumerate(FACET_FIELDS)
            if (values := getattr(filters, field))
        ]
        self._with_narratives = filters.with_narratives
        self._has_metric = filters.has_metric
        self._tokens = frozenset(tokens(filters.q)) if filters.q else frozenset()
        mentions = filters.mentions if isinstance(filters, StoryListRequest) else ()
        self._mentions = [stems(value) for value in mentions]

    def facet_to_count(self, traits: StoryTraits) -> int | None:
        """The facet that counts the story: -1 for all, the place of the only field that rejects it, or None."""
        rejected = _ALL
        for place, keys in self._wanted:
            if traits.keys[place].isdisjoint(keys):
                if rejected != _ALL:
                    return None
                rejected = place
        return rejected if self._passes(traits) else None

    def _passes(self, traits: StoryTraits) -> bool:
        """Whether the story passes the filters that are no facets."""
        if traits.is_narrative and not self._with_narratives:
            return False
        if self._has_metric is not None and self._has_metric != traits.has_metric:
            return False
        if self._tokens and not traits.tokens.issuperset(self._tokens):
            return False
        return not any(traits.stems.isdisjoint(value) for value in self._mentions)


def traits_of(stories: Iterable[Story]) -> dict[str, StoryTraits]:
    """The traits of each story, by its id. Equal sets of keys are one object: most stories share theirs."""
    shared: dict[frozenset[str], frozenset[str]] = {}
    found = {}
    for story in stories:
        keys = (frozenset(map(fold_key, values)) - {""} for values in _values(story))
        found[story.id] = StoryTraits(story, tuple(shared.setdefault(key, key) for key in keys))
    return found


def spellings_of(stories: Iterable[Story]) -> Spellings:
    """By field and folded key, the spelling of the first story that has the value."""
    spellings: dict[str, dict[str, str]] = {field: {} for field in FACET_FIELDS}
    for story in stories:
        for field, values in zip(FACET_FIELDS, _values(story), strict=True):
            for value in values:
                spellings[field].setdefault(fold_key(value), value)
    return spellings


def select(
    candidates: Iterable[StoryTraits], wanted: StoryFilter, spellings: Spellings
) -> tuple[list[Story], dict[str, tuple[FacetCount, ...]]]:
    """The stories that match, in their order, and the facets: each counts the candidates that match the other filters.

    Values with one folded key are one, labelled by its spelling.
    """
    found: list[Story] = []
    counts = [Counter[str]() for _ in FACET_FIELDS]
    for traits in candidates:
        place = wanted.facet_to_count(traits)
        if place == _ALL:
            found.append(traits.story)
            for counted, keys in zip(counts, traits.keys, strict=True):
                for key in keys:
                    counted[key] += 1
        elif place is not None:
            for key in traits.keys[place]:
                counts[place][key] += 1
    facets = {field: _labelled(counted, spellings[field]) for field, counted in zip(FACET_FIELDS, counts, strict=True)}
    return found, facets


def _labelled(counts: Mapping[str, int], spelling: Mapping[str, str]) -> tuple[FacetCount, ...]:
    labelled = sorted(((spelling[key], count) for key, count in counts.items()), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in labelled[:MAX_FACET_VALUES])


def _values(story: Story) -> list[Sequence[str]]:
    """A story's values by the order of FACET_FIELDS."""
    values = (getattr(story, _ATTRIBUTES[field]) for field in FACET_FIELDS)
    return [value if isinstance(value, tuple) else (value,) for value in values]
