"""The page's address: the one place where a page keeps what a visitor may share or come back to."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from streamlit_app.shared.story_list import Params, StoryListState, read_listing


def address() -> dict[str, list[str]]:
    """Every query parameter with all its values."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def current_listing() -> StoryListState:
    """The list that the address describes."""
    return read_listing(address())[0]


def set_listing(listing: StoryListState) -> None:
    """Make the address describe another list."""
    set_params(listing.params())


def set_params(params: Params) -> None:
    """Put parameters into the address. The browser remembers those before, so that Back returns to them."""
    st.query_params.from_dict(params)


def bind_to_url(key: str, value: Any, change: Callable[[StoryListState, Any], StoryListState]) -> dict[str, Any]:
    """Arguments that make a widget show `value`, which came from the address, and write what is chosen back to it.

    Streamlit's own `bind="query-params"` replaces the address instead of adding to the browser's history, so that Back
    would leave the page.
    """
    st.session_state[key] = value

    def write_back() -> None:
        set_listing(change(current_listing(), st.session_state[key]))

    return {"key": key, "on_change": write_back}
