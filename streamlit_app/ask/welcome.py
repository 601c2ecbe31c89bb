"""The start of the Ask page: how it works, and suggested questions."""

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
    (
        ":material/tune:",
        "Three formats",
        "A narrative, key points or a deep dive. Then ask a follow-up.",
    ),
    (":material/link:", "A link of its own", "Come back to the conversation, share it or delete it."),
)


def draw_welcome(questions: Sequence[str], stories: int, about: Story | None) -> str:
    """Draw the start page; returns the clicked question, or "". `stories` is the number of stories."""
    read = f"**{escape_markdown(story_title(about.title))}**" if about else _material(stories)
    st.markdown(f"Ask in your own words. Every answer comes only from {read}.")
    grid = st.grid(3, min_column_width=220)
    for icon, heading, text in _HOW:
        with grid.container(gap="xxsmall"):
            st.markdown(f":violet[{icon}] **{heading}**")
            caption(text)
    if not questions:
        return ""
    st.header("Suggested questions", anchor=False)
    return draw_questions(questions[:MOST_FIRST], "first")


def _material(stories: int) -> str:
    return f"{_stories(stories)} and the profile on this site"


def _stories(stories: int) -> str:
    if not stories:
        return "the stories"
    return "the one story" if stories == 1 else f"the {stories} stories"
