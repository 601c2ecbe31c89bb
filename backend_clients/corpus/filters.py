"""Filters and facets, by plain loops over stories."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.rules.questions.generic_words import stems, stems_of_tokens
from contracts.rules.tokens import token_set, tokens
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES, FacetCount, StoryFilters, StoryListRequest
from contracts.story import Story

_VALUES: Final[dict[str, Callable[[Story], Iterable[str]]]] = {
    "industries": lambda story: (story.industry,),
    "capabilities": lambda story: (story.capability,),
    "eras": lambda story: (story.era,),
    "clients": lambda story: (story.client,),
    "employers": lambda story: (story.employer,),
    "roles": lambda story: (story.role,),
    "domains": lambda story: (story.domain,),
    "themes": lambda story: (story.theme,),
    "tags": lambda story: story.tags,
}


def matches(story: Story, filters: StoryFilters, but: str = "") -> bool:
    """Whether a story passes every filter, the field `but` left out. Values are compared by their folded keys."""
    for field in FACET_FIELDS:
        wanted = getattr(filters, field)
        if field != but and wanted and _keys(story, field).isdisjoint(map(fold_key, wanted)):
            return False
    if story.is_narrative and not filters.with_narratives:
        return False
    if filters.has_metric is not None and filters.has_metric != bool(story_metrics(story)):
        return False
    if filters.q and not _tokens(tuple(story.texts())).issuperset(tokens(filters.q)):
        return False
    return not isinstance(filters, StoryListRequest) or _mentions(story, filters.mentions)


def _mentions(story: Story, values: Iterable[str]) -> bool:
    """Whether a story has, of each value, one of the words in any of its forms."""
    return not any(_stems(tuple(story.texts())).isdisjoint(stems(value)) for value in values)


@lru_cache(maxsize=2048)
def _tokens(texts: tuple[str, ...]) -> frozenset[str]:
    return token_set(texts)


@lru_cache(maxsize=2048)
def _stems(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stems_of_tokens(_tokens(texts)))


def facets_of(
    stories: Iterable[Story], filters: StoryFilters, corpus: Iterable[Story]
) -> dict[str, tuple[FacetCount, ...]]:
    """Count each field's values over those of `stories` that match the other filters.

    Values with one folded key are one, labelled as the first story of the corpus spells it.
    """
    candidates, everything = list(stories), list(corpus)
    return {field: _facet(candidates, filters, field, everything) for field in FACET_FIELDS}


def _facet(stories: list[Story], filters: StoryFilters, field: str, corpus: list[Story]) -> tuple[FacetCount, ...]:
    counts: Counter[str] = Counter()
    for story in stories:
        if matches(story, filters, but=field):
            counts.update(_keys(story, field))
    spelling = _first_spelling(corpus, field)
    labelled = sorted(((spelling[key], count) for key, count in counts.items()), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in labelled[:MAX_FACET_VALUES])


def _keys(story: Story, field: str) -> set[str]:
    """The folded keys of a story's values in a field; a value of white space alone is none."""
    return set(map(fold_key, _VALUES[field](story))) - {""}


def _first_spelling(stories: Iterable[Story], field: str) -> dict[str, str]:
    spelling: dict[str, str] = {}
    for story in stories:
        for value in _VALUES[field](story):
            spelling.setdefault(fold_key(value), value)
    return spelling
