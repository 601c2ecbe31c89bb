"""Links to other pages and buttons to other states of the same page, all in the colour of links."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from streamlit_app.routes import Route
from streamlit_app.session.shortlist import MOST_STARRED, is_full, is_starred, shortlist_params, toggle_star
from streamlit_app.session.site import Key
from streamlit_app.shared.query_params import set_params
from streamlit_app.shared.story_list import Params

FORWARD_ICON: Final = ":material/arrow_forward:"
BACK: Final = ":material/arrow_back:"
NEXT: Final = ":material/chevron_right:"
PREVIOUS: Final = ":material/chevron_left:"

_BEHIND: Final = (FORWARD_ICON, NEXT)


def page_link(route: Route, label: str, params: Params | None = None, *, icon: str = "") -> None:
    """Draw a link to a page. `label` is Markdown: escape data with `escape_markdown` first."""
    st.page_link(route, label=_label_with_icon(label, icon), query_params={**(params or {}), **shortlist_params()})


def open_page(route: Route, params: Params) -> None:
    """End this run and go to a page."""
    st.switch_page(route, query_params={**params, **shortlist_params()})


def state_button(label: str, params: Params | None, *, icon: str, note: str | None = None, owner: str = "") -> None:
    """Draw a button that sets the query parameters; it is disabled if they are None.

    `owner` names what the button belongs to where several with one label may lead to the same state.

    A link to the current page would show the new state but keep the old URL.
    """
    st.button(
        _label_with_icon(label, icon) if params is not None else _joined(label, icon),
        key=f"way-{owner}-{label}-{urlencode(params or {}, doseq=True)}",
        type="tertiary",
        help=note,
        disabled=params is None,
        on_click=set_params,
        args=(params or {},),
    )


def star_button(story_id: str, place: str) -> None:
    """Draw a button that adds a story to the shortlist or removes it; `place` tells those of one page apart."""
    starred = is_starred(story_id)
    full = not starred and is_full()
    st.button(
        ":violet[Starred]" if starred else "Star",
        icon=":material/star:" if starred else ":material/star_border:",
        key=f"{Key.STAR}-{place}-{story_id}",
        type="tertiary",
        help=f"The shortlist is full: it holds {MOST_STARRED} stories." if full else None,
        disabled=full,
        on_click=toggle_star,
        args=(story_id,),
    )


def _label_with_icon(label: str, icon: str) -> str:
    return f":primary[{_joined(label, icon)}]"


def _joined(label: str, icon: str) -> str:
    """Put icons that point forward after the words, others before them."""
    return " ".join(filter(None, (label, icon) if icon in _BEHIND else (icon, label)))
