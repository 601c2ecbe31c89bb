"""Questions to be asked with one click."""

from collections.abc import Sequence

import streamlit as st

from streamlit_app.ask.conversation import Conversation, ConversationUrl, PendingQuestion, new_session
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.markdown_escape import escape_markdown


def draw_questions(questions: Sequence[str], key: str) -> str:
    """Questions side by side as they fit; the one that was clicked, or nothing."""
    with st.container(horizontal=True, gap="xsmall"):
        clicked = [
            question
            for number, question in enumerate(questions)
            if st.button(escape_markdown(question), key=f"{Key.SUGGESTED}-{key}-{number}", wrap=True)
        ]
    return next(iter(clicked), "")


def open_talk(question: str) -> None:
    """Begin a conversation with a question of the site's own making, and go there."""
    session = new_session()
    st.session_state[Key.TALK] = Conversation(session)
    st.session_state[Key.PENDING] = PendingQuestion(question, session, from_suggestion=True)
    st.switch_page(Route.ASK, query_params=ConversationUrl(session).params())
