"""The STAR sections of a story's page."""

import streamlit as st

from contracts.story import Story
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.story_document.star_parts import bullets, parts_of


def draw_parts(story: Story) -> None:
    for heading, lines in parts_of(story):
        with st.container(gap="xxsmall"):
            st.header(heading, anchor=False)
            st.markdown(bullets(lines, escape_markdown))
