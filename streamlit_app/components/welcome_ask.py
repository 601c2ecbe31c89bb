"""How the ask page greets: what it does, and what to ask first."""

from collections.abc import Sequence

import streamlit as st

from contracts.story import Story
from streamlit_app.components.questions import draw_questions
from streamlit_app.components.text import plain, quiet
from streamlit_app.suggestions import MOST_FIRST


def draw_welcome(questions: Sequence[str], stories: int, about: Story | None) -> str:
    """The question that was clicked, or nothing. `stories` is how many there are to read."""
    read = f"**{plain(about.title or 'Untitled story')}**" if about else _count(stories)
    st.markdown(
        f"Ask in your own words. Every answer is drawn from {read}, with numbered sources that you can open, and every "
        "figure and client name in it stands in one of them. You can have it told as a narrative, as key points or as "
        "a deep dive, and go on from there."
    )
    quiet(":material/link: The conversation lives at its own address: come back to it, share it, or have it forgotten.")
    if not questions:
        return ""
    st.header("To begin with", anchor=False)
    return draw_questions(questions[:MOST_FIRST], "first")


def _count(stories: int) -> str:
    if not stories:
        return "the stories"
    return "the one story here" if stories == 1 else f"the {stories} stories here"
