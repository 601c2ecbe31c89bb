"""A plain page to print."""

import streamlit as st

from streamlit_app.shared.links import BACK, state_button
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.story_list import Params


def draw_print_view(markdown: str, back: str, params: Params) -> None:
    """Draw Markdown alone, with a way back to the page with these query parameters."""
    state_button(back, params, icon=BACK)
    caption("Print it with your browser: Ctrl+P, or Cmd+P on a Mac.")
    st.markdown(markdown)
