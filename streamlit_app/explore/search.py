"""Searching for the stories of a list, whose words, filters and page are in the address."""

from collections.abc import Sequence
from typing import Final

from backend_clients.routed import Routed
from contracts.search import CANDIDATES, SearchResult
from contracts.stories import StoryCard, StoryList
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import StoryListState
from streamlit_app.shared.story_search import search_stories

_MOST: Final = CANDIDATES
_MAJORITY: Final = 0.5


def search_all(site: Site, listing: StoryListState) -> Routed[SearchResult]:
    """Everything that a search finds: it looks at the best 100 and no more."""
    return search_stories(site, listing, limit=_MOST, offset=0)


def by_era(result: SearchResult, each: int) -> list[tuple[str, StoryList]]:
    """Hits grouped by era: the best `each` of them, with how many there are and the years that they span."""
    groups: dict[str, list[StoryCard]] = {}
    for hit in result.hits:
        if hit.card.era:
            groups.setdefault(hit.card.era, []).append(hit.card)
    return [(era, _story_list(cards, each, result)) for era, cards in groups.items()]


def dominant_industry(listing: StoryListState, result: SearchResult) -> tuple[str, int]:
    """The industry that a search is about, and how many hits it has: the one chosen, or that of most hits."""
    counts = {facet.value: facet.count for facet in result.facets.get("industries", ())}
    chosen: Sequence[str] = listing.filters.industries
    if len(chosen) == 1:
        return chosen[0], result.total
    name = max(counts, key=counts.__getitem__, default="")
    if chosen or not name or counts[name] <= result.total * _MAJORITY:
        return "", 0
    return name, counts[name]


def _story_list(cards: Sequence[StoryCard], each: int, result: SearchResult) -> StoryList:
    return StoryList(
        cards=tuple(cards[:each]),
        total=len(cards),
        facets={},
        first_start=min((card.start_date for card in cards if card.start_date), default=""),
        last_end=max((card.end_date for card in cards if card.end_date), default=""),
        corpus_version=result.corpus_version,
        code_version=result.code_version,
    )
