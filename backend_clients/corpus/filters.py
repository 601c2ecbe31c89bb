"""Filters and facets, by plain loops over stories."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from contracts.rules.metrics import story_metrics
from contracts.rules.tokens import token_set, tokens
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES, FacetCount, StoryFilters
from contracts.story import NARRATIVE_THEME, Story

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
    """Whether a story passes every filter, the field `but` left out.

    Narratives are in when they are included or when their theme is asked for by name.
    """
    for field in FACET_FIELDS:
        wanted = set(getattr(filters, field))
        if field == "tags":
            wanted = {tag.casefold() for tag in wanted}
        if field != but and wanted and wanted.isdisjoint(_keys(story, field)):
            return False
    if story.is_narrative and not filters.include_narratives and NARRATIVE_THEME not in filters.themes:
        return False
    if filters.has_metric is not None and filters.has_metric != bool(story_metrics(story)):
        return False
    return not filters.q or token_set(story.texts()).issuperset(tokens(filters.q))


def facets_of(
    stories: Iterable[Story], filters: StoryFilters, corpus: Iterable[Story]
) -> dict[str, tuple[FacetCount, ...]]:
    """Count each field's values over those of `stories` that match the other filters.

    Tags ignore case and are labelled as the first story of the corpus spells them.
    """
    candidates = list(stories)
    spelling = _first_spelling(corpus)
    return {field: _facet(candidates, filters, field, spelling) for field in FACET_FIELDS}


def _facet(stories: list[Story], filters: StoryFilters, field: str, spelling: dict[str, str]) -> tuple[FacetCount, ...]:
    counts: Counter[str] = Counter()
    for story in stories:
        if matches(story, filters, but=field):
            counts.update(_keys(story, field))
    counts.pop("", None)
    labelled = [(spelling[key] if field == "tags" else key, count) for key, count in counts.items()]
    labelled.sort(key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in labelled[:MAX_FACET_VALUES])


def _keys(story: Story, field: str) -> Iterable[str]:
    values = _VALUES[field](story)
    return {tag.casefold() for tag in values} if field == "tags" else values


def _first_spelling(stories: Iterable[Story]) -> dict[str, str]:
    spelling: dict[str, str] = {}
    for story in stories:
        for tag in story.tags:
            spelling.setdefault(tag.casefold(), tag)
    return spelling
