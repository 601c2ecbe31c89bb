"""How the ask page greets: what it does, and what to ask first."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from contracts.story import Story
from streamlit_app.shared.markdown_escape import caption, escape_markdown
from streamlit_app.shared.question_buttons import draw_questions
from streamlit_app.shared.suggested_questions import MOST_FIRST
from streamlit_app.shared.wording import story_title

_HOW: Final = (
    (":material/format_list_numbered:", "With its sources", "Open the story behind every figure and client name."),
    (":material/tune:", "As you like it told", "A narrative, key points or a deep dive; then go on from there."),
    (":material/link:", "Yours to keep", "It has its own address: come back, share it, or have it forgotten."),
)


def draw_welcome(questions: Sequence[str], stories: int, about: Story | None) -> str:
    """The question that was clicked, or nothing. `stories` is how many there are to read."""
    read = f"**{escape_markdown(story_title(about.title))}**" if about else _count(stories)
    st.markdown(f"Ask in your own words. Every answer is drawn from {read} alone.")
    grid = st.grid(3, min_column_width=220)
    for icon, heading, text in _HOW:
        with grid.container(gap="xxsmall"):
            st.markdown(f":violet[{icon}] **{heading}**")
            caption(text)
    if not questions:
        return ""
    st.header("To begin with", anchor=False)
    return draw_questions(questions[:MOST_FIRST], "first")


def _count(stories: int) -> str:
    if not stories:
        return "the stories"
    return "the one story here" if stories == 1 else f"the {stories} stories here"
