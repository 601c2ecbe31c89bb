"""Explore's three views of a list or a search: cards, table, timeline."""

from dataclasses import replace
from functools import partial
from math import ceil
from typing import Any

import streamlit as st

from backend_clients.routed import Routed
from streamlit_app.explore.match import draw_match
from streamlit_app.explore.results import Results, load_eras, load_results
from streamlit_app.explore.table import draw_table
from streamlit_app.explore.timeline import draw_timeline
from streamlit_app.explore.toolbar import draw_bar, draw_pages
from streamlit_app.session.site import Site
from streamlit_app.shared.call_status import load_or_show_error
from streamlit_app.shared.markdown_escape import caption, searched_stems
from streamlit_app.shared.story_cards import draw_cards
from streamlit_app.shared.story_list import StoryListState, View, ways_of


def show_view(site: Site, listing: StoryListState, results: Results, answers: list[Routed[Any]]) -> None:
    """Draw the results in the list's view; what else was asked for is added to `answers`."""
    if listing.view is View.TIMELINE:
        _show_timeline(site, listing, results, answers)
    elif listing.view is View.TABLE and results.search is not None:
        draw_bar(listing, results.total)
        draw_table(results.cards, listing, 1, results.hits)
    else:
        _show_page(site, listing, results, answers)


def load_or_show(site: Site, listing: StoryListState) -> Results | None:
    failed = "The stories could not be searched." if listing.filters.q else "The stories could not be listed."
    return load_or_show_error(lambda: load_results(site, listing), failed, height=420)


def _show_page(site: Site, listing: StoryListState, results: Results, answers: list[Routed[Any]]) -> None:
    pages = ceil(results.total / listing.page_size)
    if listing.page > pages:
        caption(f"There is no page {listing.page}; this is the last one.")
        listing = replace(listing, page=pages)
        last = load_or_show(site, listing)
        if last is None:
            return
        results = last
        answers[:] = [*answers, last.answer] if results.search is not None else [last.answer]
    draw_bar(listing, results.total, len(results.cards))
    if listing.view is View.TABLE:
        draw_table(results.cards, listing, listing.offset + 1)
    else:
        corners = [partial(draw_match, hit) for hit in results.hits]
        stems = searched_stems(listing.filters.q, site.profile.person)
        draw_cards(results.cards, ways_of(listing, results.cards, listing.offset + 1), corners, stems)
    draw_pages(listing, pages)


def _show_timeline(site: Site, listing: StoryListState, results: Results, answers: list[Routed[Any]]) -> None:
    draw_bar(listing, results.total)
    loaded = load_or_show_error(
        lambda: load_eras(site, listing, results), "The timeline could not be loaded.", height=420
    )
    if loaded is None:
        return
    groups, asked = loaded
    answers += asked
    if not groups:
        st.info("None of these stories belongs to an era. See them as cards or as a table.", icon=":material/timeline:")
        return
    draw_timeline(groups, listing)
    if (left_out := results.total - sum(group.total for group in groups)) > 0:
        caption(f"{left_out} more not on this timeline: see them as cards or as a table.")
