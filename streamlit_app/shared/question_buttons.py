"""Suggested questions as buttons."""

from collections.abc import Sequence

import streamlit as st

from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.conversation_url import ConversationUrl, SuggestedQuestion, new_session
from streamlit_app.shared.links import open_page
from streamlit_app.shared.markdown_escape import escape_markdown


def draw_questions(questions: Sequence[str], key: str) -> str:
    """Draw the questions in wrapping rows; returns the one that was clicked, or ""."""
    with st.container(horizontal=True, gap="xsmall"):
        clicked = [
            question
            for number, question in enumerate(questions)
            if st.button(escape_markdown(question), key=f"{Key.SUGGESTED}-{key}-{number}", wrap=True)
        ]
    return next(iter(clicked), "")


def ask_in_new_conversation(question: str) -> None:
    """Go to the Ask page, which opens a conversation with a suggested question."""
    suggested = SuggestedQuestion(question, new_session())
    st.session_state[Key.SUGGESTED] = suggested
    open_page(Route.ASK, ConversationUrl(suggested.session).params())
