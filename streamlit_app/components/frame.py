"""The frame around every page: width, footer, and what is shown when the site cannot serve."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

from streamlit_app.components.text import plain, quiet
from streamlit_app.state import SetupError, Site, open_site

_SAMPLE_STORIES: Final = Path(__file__).parents[1] / "data" / "stories.jsonl"
_WIDTH: Final = 1120


def show_page(body: Callable[[Site], None], *, width: int = _WIDTH) -> None:
    """Draw a page's body in the frame, `width` pixels wide at most."""
    st.set_page_config(layout="wide")
    with st.container(horizontal_alignment="center"), st.container(width=width):
        try:
            site = open_site()
        except SetupError as error:
            st.error(plain(str(error)), icon=":material/error:")
            st.button("Retry", icon=":material/refresh:")
            return
        body(site)
        _footer(site)


def _footer(site: Site) -> None:
    invented = [
        name
        for name, sample in (
            ("profile", site.profile.sample),
            ("stories", site.clients.settings.stories_file.resolve() == _SAMPLE_STORIES),
        )
        if sample
    ]
    st.divider()
    verb = "is" if invented == ["profile"] else "are"
    note = f" · Sample data: the {' and the '.join(invented)} {verb} invented." if invented else ""
    quiet(f"{plain(site.profile.name)}{note}")
