"""Explore: search and filter the stories; see them as cards, a table or a timeline."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import streamlit as st

from backend_clients.routed import Routed
from contracts.stories import StoryList
from streamlit_app.explore.filters import Facets, clear, draw_chips, draw_filters, draw_search
from streamlit_app.explore.search_results import search_page, show_hits
from streamlit_app.explore.table import draw_table
from streamlit_app.explore.timeline import MAX_ERAS, EraGroup, draw_timeline
from streamlit_app.explore.toolbar import draw_bar, draw_pages
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_cards import draw_cards
from streamlit_app.shared.story_list import FILTER_LABELS, StoryListState, View, is_filterable, read_listing


def explore(site: Site) -> None:
    listing, ignored = read_listing(address())
    draw_head("Explore")
    draw_search(listing)
    filters = st.container(gap="small")
    if listing.filters.q:
        hits = load_or_show_error(lambda: search_page(site, listing), "The stories could not be searched.", height=420)
        with filters:
            _show_filters(listing, hits.value.facets if hits else {}, ignored)
        if hits:
            show_hits(site, listing, hits)
        return
    found = load_or_show_error(lambda: _find(site, listing), "The stories could not be listed.", height=420)
    with filters:
        _show_filters(listing, found.value.facets if found else {}, ignored)
    if found:
        _show_list(site, listing, found)


def _show_filters(listing: StoryListState, facets: Facets, ignored: Sequence[str]) -> None:
    draw_filters(listing, facets)
    draw_chips(listing)
    if ignored:
        caption(f"Part of this link could not be read and was left aside: {', '.join(map(_named, ignored))}.")


def _named(parameter: str) -> str:
    return "search" if parameter == "q" else FILTER_LABELS.get(parameter, parameter).lower()


def _show_list(site: Site, listing: StoryListState, found: Routed[StoryList]) -> None:
    if not found.value.total:
        _say_empty(listing)
        show_origin([found], site.clients.settings.show_origin)
    elif listing.view is View.TIMELINE:
        _show_timeline(site, listing, found)
    else:
        _show_page_of_stories(site, listing, found)


def _find(site: Site, listing: StoryListState) -> Routed[StoryList]:
    """The page of the list that is shown; for the timeline, which asks era by era, the counts alone."""
    if listing.view is View.TIMELINE:
        return site.reads.list_stories(listing.request(limit=1, offset=0))
    request = listing.request(limit=listing.page_size, offset=listing.offset)
    return site.reads.list_stories(request)


def _show_page_of_stories(site: Site, listing: StoryListState, found: Routed[StoryList]) -> None:
    pages = ceil(found.value.total / listing.page_size)
    if listing.page > pages:
        caption(f"There is no page {listing.page}; this is the last one.")
        listing = replace(listing, page=pages)
        last = load_or_show_error(lambda: _find(site, listing), "The stories could not be listed.", height=420)
        if last is None:
            return
        found = last
    draw_bar(listing, found.value.total, len(found.value.cards))
    draw = draw_table if listing.view is View.TABLE else draw_cards
    draw(found.value.cards, listing, listing.offset + 1)
    draw_pages(listing, pages)
    show_origin([found], site.clients.settings.show_origin)


def _show_timeline(site: Site, listing: StoryListState, found: Routed[StoryList]) -> None:
    draw_bar(listing, found.value.total)
    counted = [facet.value for facet in found.value.facets.get("eras", ()) if is_filterable(facet.value)]
    eras = [era for era in counted if era in listing.filters.eras or not listing.filters.eras]
    if not eras:
        st.info("None of these stories belongs to an era. See them as cards or as a table.", icon=":material/timeline:")
        return
    groups = load_or_show_error(
        lambda: [_ask_era(site, listing, era) for era in eras[:MAX_ERAS]],
        "The timeline could not be put together.",
        height=420,
    )
    if groups is None:
        return
    draw_timeline([EraGroup(era, part.value) for era, part in groups], listing)
    left_out = found.value.total - sum(part.value.total for _, part in groups)
    if left_out > 0:
        caption(f"{left_out} more not on this timeline: see them as cards or as a table.")
    show_origin([found, *(part for _, part in groups)], site.clients.settings.show_origin)


def _ask_era(site: Site, listing: StoryListState, era: str) -> tuple[str, Routed[StoryList]]:
    request = listing.request(limit=listing.page_size, offset=0, era=era)
    return era, site.reads.list_stories(request)


def _say_empty(listing: StoryListState) -> None:
    if not listing.chosen():
        st.info("There are no stories yet.", icon=":material/inbox:")
        return
    st.info("No story matches: remove a filter.", icon=":material/search_off:")
    st.button("Clear all filters", icon=":material/close:", on_click=clear, args=(listing,))


show_page(explore)
