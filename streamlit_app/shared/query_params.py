"""The page's address: the one place where a page keeps what a visitor may share or come back to."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from streamlit_app.shared.story_list import Listing, Params, read_listing


def address() -> dict[str, list[str]]:
    """Every query parameter with all its values."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def listed() -> Listing:
    """The list that the address describes."""
    return read_listing(address())[0]


def go(listing: Listing) -> None:
    """Make the address describe another list."""
    move(listing.params())


def move(params: Params) -> None:
    """Put parameters into the address. The browser remembers those before, so that Back returns to them."""
    st.query_params.from_dict(params)


def mirror(key: str, value: Any, change: Callable[[Listing, Any], Listing]) -> dict[str, Any]:
    """Arguments that make a widget show `value`, which came from the address, and write what is chosen back to it.

    Streamlit's own `bind="query-params"` replaces the address instead of adding to the browser's history, so that Back
    would leave the page.
    """
    st.session_state[key] = value

    def write_back() -> None:
        go(change(listed(), st.session_state[key]))

    return {"key": key, "on_change": write_back}
