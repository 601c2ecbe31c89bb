"""A plain page to print."""

import streamlit as st

from streamlit_app.session.site import Key
from streamlit_app.shared.links import BACK, state_button
from streamlit_app.shared.story_list import Params


def draw_print_view(markdown: str, back: str, params: Params) -> None:
    """Draw Markdown alone and open the print dialog; `back` leads to the page with these query parameters."""
    st.session_state[Key.PRINTING] = True
    state_button(back, params, icon=BACK)
    st.markdown(markdown)
