"""What Explore shows of a list: stories as they are listed, or the hits of a search, in the same shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend_clients.routed import Routed
from contracts.search import CANDIDATES, SearchHit, SearchResult
from contracts.stories import FacetCount, StoryCard, StoryList
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import StoryListState, View, is_filterable
from streamlit_app.shared.story_search import search_stories

MAX_ERAS: Final = 12
_MAJORITY: Final = 0.5


@dataclass(frozen=True)
class Results:
    """The stories on the screen and the size of the whole list. `hits` and `search` belong to a search alone."""

    cards: tuple[StoryCard, ...]
    total: int
    facets: Mapping[str, Sequence[FacetCount]]
    answer: Routed[Any]
    hits: tuple[SearchHit, ...] = ()
    search: SearchResult | None = None


@dataclass(frozen=True)
class EraGroup:
    """An era, its first stories in the list, their number and the years that they span."""

    era: str
    cards: tuple[StoryCard, ...]
    total: int
    first_start: str
    last_end: str


def load_results(site: Site, listing: StoryListState) -> Results:
    """Ask for what the view needs.

    A list is asked for page by page, and by era for the timeline. A search holds 100 stories at most: the table and the
    timeline show all of them.

    Raises
    ------
    BackendError
        The stories could not be listed or searched.
    """
    if not listing.filters.q:
        limit, offset = (1, 0) if listing.view is View.TIMELINE else (listing.page_size, listing.offset)
        found = site.reads.list_stories(listing.request(limit=limit, offset=offset))
        return Results(found.value.cards, found.value.total, found.value.facets, found)
    limit, offset = (listing.page_size, listing.offset) if listing.view is View.CARDS else (CANDIDATES, 0)
    answer = search_stories(site, listing, limit=limit, offset=offset)
    result = answer.value
    return Results(
        tuple(hit.card for hit in result.hits), result.total, result.facets, answer, result.hits, search=result
    )


def load_eras(site: Site, listing: StoryListState, results: Results) -> tuple[list[EraGroup], list[Routed[Any]]]:
    """Group the list by era, and return what was asked for that.

    Raises
    ------
    BackendError
        An era's stories could not be listed.
    """
    if results.search is not None:
        return _group_by_era(results.cards, listing.page_size)[:MAX_ERAS], []
    counted = [facet.value for facet in results.facets.get("eras", ()) if is_filterable(facet.value)]
    eras = [era for era in counted if era in listing.filters.eras or not listing.filters.eras][:MAX_ERAS]
    answers = [site.reads.list_stories(listing.request(limit=listing.page_size, offset=0, era=era)) for era in eras]
    return [_era_group(era, answer.value) for era, answer in zip(eras, answers, strict=True)], list(answers)


def dominant_industry(listing: StoryListState, result: SearchResult) -> tuple[str, int]:
    """The industry filtered by, or else that of most hits, with its number of hits; ("", 0) if there is none."""
    counts = {facet.value: facet.count for facet in result.facets.get("industries", ())}
    chosen: Sequence[str] = listing.filters.industries
    if len(chosen) == 1:
        return chosen[0], result.total
    name = max(counts, key=counts.__getitem__, default="")
    if chosen or not name or counts[name] <= result.total * _MAJORITY:
        return "", 0
    return name, counts[name]


def _era_group(era: str, stories: StoryList) -> EraGroup:
    return EraGroup(era, stories.cards, stories.total, stories.first_start, stories.last_end)


def _group_by_era(cards: Sequence[StoryCard], most: int) -> list[EraGroup]:
    groups: dict[str, list[StoryCard]] = {}
    for card in cards:
        if card.era:
            groups.setdefault(card.era, []).append(card)
    return [
        EraGroup(
            era,
            tuple(of_era[:most]),
            len(of_era),
            first_start=min((card.start_date for card in of_era if card.start_date), default=""),
            last_end=max((card.end_date for card in of_era if card.end_date), default=""),
        )
        for era, of_era in groups.items()
    ]
