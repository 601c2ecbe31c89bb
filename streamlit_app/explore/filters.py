"""Search box, filters with counts, and a chip for each active filter."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from contracts.stories import MAX_FILTER_VALUES, FacetCount
from streamlit_app.session.site import Key
from streamlit_app.shared.markdown_escape import escape_markdown, shortened
from streamlit_app.shared.query_params import bind_to_url, set_listing
from streamlit_app.shared.story_list import FILTER_LABELS, StoryListState, clean_query, is_filterable

_IN_FRONT: Final = ("industries", "capabilities", "eras", "clients")
_CHIP_LENGTH: Final = 48

Facets = Mapping[str, Sequence[FacetCount]]


def draw_search(listing: StoryListState) -> None:
    st.text_input(
        "Search the stories",
        type="search",
        placeholder="Search titles, clients, results, tags",
        label_visibility="collapsed",
        **bind_to_url(Key.SEARCH, listing.filters.q, lambda at, q: at.with_filters(q=q), clean=clean_query),
    )


def draw_filters(listing: StoryListState, facets: Facets) -> None:
    """Draw a row of filters in popovers; the less common ones share the last popover."""
    with st.container(horizontal=True, gap="xsmall"):
        for name in _IN_FRONT:
            with st.popover(_label(FILTER_LABELS[name], len(getattr(listing.filters, name)))):
                _draw_choice(listing, name, facets)
        rarer = [name for name in FILTER_LABELS if name not in _IN_FRONT]
        with st.popover(_label("More filters", sum(len(getattr(listing.filters, name)) for name in rarer))):
            for name in rarer:
                _draw_choice(listing, name, facets)


def draw_chips(listing: StoryListState) -> None:
    """Draw a chip per active filter, which removes it, and a button that removes all."""
    chips = list(listing.chosen())
    if not chips:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            "Active filters: select one to remove it",
            chips,
            selection_mode="multi",
            format_func=_chip,
            label_visibility="collapsed",
            wrap=True,
            **bind_to_url(Key.CHIPS, chips, _keep_only, list(map(_chip, chips))),
        )
        st.button("Clear all", type="tertiary", icon=":material/close:", on_click=clear, args=(listing,))


def clear(listing: StoryListState) -> None:
    """Remove every filter; keep the search, the view and the order."""
    set_listing(replace(StoryListState().with_filters(q=listing.filters.q), view=listing.view, sort=listing.sort))


def _draw_choice(listing: StoryListState, name: str, facets: Facets) -> None:
    counts = {facet.value: facet.count for facet in facets.get(name, ()) if is_filterable(facet.value)}
    chosen = list(getattr(listing.filters, name))
    for value in chosen:
        counts.setdefault(value, 0)

    labels = [f"{value} · {count}" for value, count in counts.items()]

    def choose(at: StoryListState, values: Any) -> StoryListState:
        return at.with_filters(**{name: tuple(values)})

    st.multiselect(
        FILTER_LABELS[name],
        list(counts),
        format_func=dict(zip(counts, labels, strict=True)).__getitem__,
        max_selections=MAX_FILTER_VALUES,
        placeholder="Any",
        select_all=False,
        **bind_to_url(f"{Key.FILTER}-{name}", chosen, choose, labels),
    )


def _keep_only(listing: StoryListState, kept: Sequence[tuple[str, str]]) -> StoryListState:
    fields: dict[str, Any] = {name: tuple(value for field, value in kept if field == name) for name in FILTER_LABELS}
    return listing.with_filters(**fields)


def _label(name: str, chosen: int) -> str:
    return f"{name} · {chosen}" if chosen else name


def _chip(chip: tuple[str, str]) -> str:
    field, value = chip
    return f"{FILTER_LABELS[field]}: {escape_markdown(shortened(value, _CHIP_LENGTH))} :material/close:"
