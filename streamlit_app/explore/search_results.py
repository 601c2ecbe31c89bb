"""Explore's part for a search: its hits in three views, and what there is to say about them."""

from dataclasses import replace
from math import ceil
from typing import Any

import streamlit as st

from backend_clients.errors import BackendError
from backend_clients.routed import Routed
from contracts.search import SearchResult
from streamlit_app.explore.filters import clear
from streamlit_app.explore.hits import draw_hit_cards, draw_hit_table
from streamlit_app.explore.search import by_era, dominant_industry, search_all
from streamlit_app.explore.search_notices import draw_doubt, draw_more_in_industry, draw_nothing, draw_refusal
from streamlit_app.explore.timeline import MAX_ERAS, EraGroup, draw_timeline
from streamlit_app.explore.toolbar import draw_bar, draw_pages
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error, show_origin
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.story_list import StoryListState, View
from streamlit_app.shared.story_search import search_stories


def search_page(site: Site, listing: StoryListState) -> Routed[SearchResult]:
    """The hits that are shown: a page of cards, or all there are for the table and the timeline."""
    if listing.view is View.CARDS:
        return search_stories(site, listing, limit=listing.page_size, offset=listing.offset)
    return search_all(site, listing)


def show_hits(site: Site, listing: StoryListState, found: Routed[SearchResult]) -> None:
    """Draw what a search found."""
    answers: list[Routed[Any]] = [found]
    result = found.value
    if not result.gate.passed:
        draw_refusal(result.gate)
    elif not result.total:
        draw_nothing(result.without_filters or 0, lambda: clear(listing))
    else:
        if result.suppressed:
            draw_doubt(result.total)
        _show_more(site, listing, result, answers)
        _show_view(site, listing, found, answers)
    show_origin(answers, site.clients.settings.show_origin)


def _show_view(site: Site, listing: StoryListState, found: Routed[SearchResult], answers: list[Routed[Any]]) -> None:
    result = found.value
    if listing.view is View.TABLE:
        draw_bar(listing, result.total)
        draw_hit_table(result.hits, listing)
    elif listing.view is View.TIMELINE:
        draw_bar(listing, result.total)
        _show_timeline(listing, result)
    else:
        _show_cards(site, listing, found, answers)


def _show_cards(site: Site, listing: StoryListState, found: Routed[SearchResult], answers: list[Routed[Any]]) -> None:
    pages = ceil(found.value.total / listing.page_size)
    if listing.page > pages:
        caption(f"There is no page {listing.page}; this is the last one.")
        listing = replace(listing, page=pages)
        last = load_or_show_error(lambda: search_page(site, listing), "The stories could not be searched.", height=420)
        if last is None:
            return
        answers.append(last)
        found = last
    draw_bar(listing, found.value.total, len(found.value.hits))
    draw_hit_cards(found.value.hits, listing, listing.offset + 1)
    draw_pages(listing, pages)


def _show_timeline(listing: StoryListState, result: SearchResult) -> None:
    groups = by_era(result, listing.page_size)[:MAX_ERAS]
    if not groups:
        st.info("None of these stories belongs to an era. See them as cards or as a table.", icon=":material/timeline:")
        return
    draw_timeline([EraGroup(era, stories) for era, stories in groups], listing)
    left_out = result.total - sum(stories.total for _, stories in groups)
    if left_out > 0:
        caption(f"{left_out} more not on this timeline: see them as cards or as a table.")


def _show_more(site: Site, listing: StoryListState, result: SearchResult, answers: list[Routed[Any]]) -> None:
    """Whether the industry that a search is about holds more stories than it shows."""
    name, shown = dominant_industry(listing, result)
    if not name:
        return
    try:
        industries = site.reads.list_industries()
    except BackendError:
        caption("How many stories the industry holds could not be loaded.")
        return
    answers.append(industries)
    held = next((item.stories for item in industries.value.industries if item.name == name), 0)
    draw_more_in_industry(name, shown, held)
