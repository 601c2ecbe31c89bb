"""The layout of every page: width, logo, footer, and the error if the site cannot start."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_app.session.shortlist import pop_problem
from streamlit_app.session.site import Key, SetupError, Site, open_site
from streamlit_app.shared.behaviour.component import arrive
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.owner.contact import draw_footer
from streamlit_app.shared.query_params import address
from streamlit_app.shared.story_list import last

_WIDTH: Final = 1120
_SUBJECTS: Final = ("id", "mismatch", "print")
_MARK: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#5558E6"/>'
    '<text x="16" y="22.5" font-family="Source Sans 3, Source Sans Pro, sans-serif" font-size="18" font-weight="700" '
    'text-anchor="middle" fill="#FFF">{}</text></svg>'
)


def show_page(body: Callable[[Site], None], *, width: int = _WIDTH) -> None:
    """Draw a page's body in the layout, at most `width` pixels wide."""
    st.set_page_config(layout="wide")
    with st.container(horizontal_alignment="center"), st.container(width=width):
        try:
            site = open_site()
        except SetupError as error:
            st.error(escape_markdown(str(error)), icon=":material/error:")
            st.button("Retry", icon=":material/refresh:")
            return
        _show_mark(site.profile.name)
        if problem := pop_problem():
            st.warning(problem, icon=":material/link_off:")
        body(site)
        draw_footer(site)
        _arrive()


def draw_head(title: str) -> DeltaGenerator:
    """Draw a page's title, which is Markdown, and return the container next to it."""
    st.session_state[Key.HEADING] = title
    head = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    head.title(title, anchor=False, width="content")
    return head


def _arrive() -> None:
    """Tell the browser where the visitor is: the page and what it is about, whatever filters and searches narrow."""
    params = address()
    heading = st.session_state.pop(Key.HEADING, "")
    arrive(
        " ".join([urlsplit(st.context.url or "").path, heading, *(last(params, name) for name in _SUBJECTS)]),
        last(params, "page"),
        printing=st.session_state.pop(Key.PRINTING, False),
    )


def _show_mark(name: str) -> None:
    """Show the owner's initial in the header and on the browser's tab."""
    initial = next((char.upper() for char in name if char.isalnum()), "")
    if initial:
        st.logo(_MARK.format(initial))
        st.set_page_config(page_icon=_MARK.format(initial))
