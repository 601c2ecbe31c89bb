"""The page's URL: the only place for state that a visitor may share or return to, and the source of widgets' values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from streamlit_app.session.shortlist import shortlist_params
from streamlit_app.session.site import Key
from streamlit_app.shared.story_list import Params, StoryListState, read_listing


@dataclass(frozen=True)
class _Binding:
    """What a widget shows. `number` is part of its key and grows whenever the widget has to be a new one."""

    number: int
    value: Any
    labels: tuple[str, ...]


def _as_chosen(value: Any) -> Any:
    return value


def address() -> dict[str, list[str]]:
    """Every query parameter with all its values."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def current_listing() -> StoryListState:
    """The list that the URL describes."""
    return read_listing(address())[0]


def set_listing(listing: StoryListState) -> None:
    """Make the URL describe another list."""
    set_params(listing.params())


def set_params(params: Params) -> None:
    """Replace the URL's query parameters. The browser's history keeps the old ones, so that Back restores them."""
    st.query_params.from_dict({**params, **shortlist_params()})


def bind_to_url(
    name: str,
    value: Any,
    change: Callable[[StoryListState, Any], StoryListState],
    labels: Sequence[str] = (),
    clean: Callable[[Any], Any] = _as_chosen,
) -> dict[str, Any]:
    """Arguments of a widget that shows `value`, read from the URL, and writes a choice back to the list in the URL.

    Streamlit's own `bind="query-params"` replaces the URL instead of adding to the browser's history, so that Back
    would leave the page.
    """
    return bind_widget(name, value, lambda chosen: set_listing(change(current_listing(), chosen)), labels, clean)


def bind_widget(
    name: str,
    value: Any,
    choose: Callable[[Any], None],
    labels: Sequence[str] = (),
    clean: Callable[[Any], Any] = _as_chosen,
) -> dict[str, Any]:
    """Arguments of a widget that shows `value` and calls `choose` with what is chosen; `labels` are its options'.

    The widget is a new one, with a new key, if its value or a label changed other than by a choice in it. Streamlit's
    front end keeps the value of a widget that is not on the screen, such as one in a closed popover, and sends it with
    the next rerun; and it identifies options by their labels, so that an old label would be taken for a value.
    A new widget has lost the keyboard's focus. Where the URL normalises a choice, `clean` does the same to it first.
    """
    slot = f"{Key.BINDING}-{name}"
    last: _Binding = st.session_state.get(slot) or _Binding(0, value, tuple(labels))
    if (last.value, last.labels) != (value, tuple(labels)):
        last = _Binding(last.number + 1, value, tuple(labels))
    st.session_state[slot] = last
    key = f"{name}-{last.number}"
    st.session_state[key] = value

    def write_back() -> None:
        chosen = clean(st.session_state[key])
        st.session_state[slot] = _Binding(last.number, chosen, last.labels)
        choose(chosen)

    return {"key": key, "on_change": write_back}
