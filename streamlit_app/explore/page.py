"""Explore: search and filter the stories; see them as cards, a table or a timeline."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from backend_clients.routed import Routed
from streamlit_app.explore.filters import Facets, clear, draw_chips, draw_filters, draw_search
from streamlit_app.explore.results import Results
from streamlit_app.explore.search_notices import draw_search_notices
from streamlit_app.explore.views import load_or_show, show_view
from streamlit_app.session.site import Site
from streamlit_app.shared.behaviour.component import is_narrow, watch_width
from streamlit_app.shared.call_status import show_origin
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_list import FILTER_LABELS, StoryListState, View, read_listing


def explore(site: Site) -> None:
    listing, ignored = read_listing(address())
    watch_width()
    if is_narrow() and listing.view is View.TABLE:
        listing = replace(listing, view=View.CARDS)
    draw_head("Explore")
    draw_search(listing)
    filters = st.container(gap="small")
    results = load_or_show(site, listing)
    if results is not None:
        listing = listing.spelled_as(results.facets)
    with filters:
        _show_filters(listing, results.facets if results else {}, ignored)
    if results is None:
        return
    answers: list[Routed[Any]] = [results.answer]
    if results.search is not None:
        has_stories = draw_search_notices(site, listing, results.search, answers)
    else:
        has_stories = _has_stories(listing, results)
    if has_stories:
        show_view(site, listing, results, answers)
    show_origin(answers)


def _show_filters(listing: StoryListState, facets: Facets, ignored: Sequence[str]) -> None:
    draw_filters(listing, facets)
    draw_chips(listing)
    if ignored:
        caption(f"Part of this link could not be read and was ignored: {', '.join(map(_label, ignored))}.")


def _label(parameter: str) -> str:
    return "search" if parameter == "q" else FILTER_LABELS.get(parameter, parameter).lower()


def _has_stories(listing: StoryListState, results: Results) -> bool:
    """Whether the list holds a story; if not, say how to widen it."""
    if results.total:
        return True
    if listing.chosen():
        st.info("No story matches: remove a filter.", icon=":material/search_off:")
        st.button("Clear all filters", icon=":material/close:", on_click=clear, args=(listing,))
    else:
        st.info("There are no stories yet.", icon=":material/inbox:")
    return False


show_page(explore)
