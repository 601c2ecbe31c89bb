"""Actions of a conversation, and the lock that limits it to one story."""

from collections.abc import Callable

import streamlit as st

from backend_clients.errors import BackendError
from contracts.ask import MAX_QUESTION
from contracts.story import Story
from streamlit_app.ask.conversation import Conversation
from streamlit_app.ask.export import talk_markdown
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.call_status import show_error
from streamlit_app.shared.conversation_url import ConversationUrl
from streamlit_app.shared.links import open_page
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.wording import story_title


def draw_actions(talk: Conversation, at: ConversationUrl, name: str, forget: Callable[[], object]) -> None:
    """Draw the buttons; `forget` deletes the stored conversation and may raise `BackendError`."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        if st.button("New conversation", icon=":material/add_comment:"):
            leave(ConversationUrl(story=at.story))
        st.download_button(
            "Export",
            lambda: talk_markdown(talk.turns, name),
            file_name="conversation.md",
            mime="text/markdown",
            on_click="ignore",
            icon=":material/download:",
            help="Download the conversation as a Markdown file",
        )
        if st.button("Delete", icon=":material/delete:", help="Delete this conversation permanently"):
            confirm_forgetting(ConversationUrl(story=at.story), forget)


@st.dialog("Delete this conversation?", icon=":material/delete:")
def confirm_forgetting(afterwards: ConversationUrl, forget: Callable[[], object]) -> None:
    st.markdown("Its questions and answers are deleted permanently, and its link stops working.")
    with st.container(horizontal=True, gap="xsmall"):
        agreed = st.button("Delete it")
        if st.button("Keep it"):
            st.rerun()
    if not agreed:
        return
    try:
        forget()
    except BackendError as error:
        show_error("The conversation could not be deleted.", error)
        return
    leave(afterwards)


def say_too_long(length: int) -> None:
    st.warning(
        f"A question can have at most {MAX_QUESTION:,} characters; this one has {length:,}. Please shorten it.",
        icon=":material/content_cut:",
    )


def leave(to: ConversationUrl) -> None:
    """Leave the conversation for an empty Ask page."""
    for key in (Key.TALK, Key.PENDING):
        st.session_state.pop(key, None)
    open_page(Route.ASK, to.params())


def draw_lock(story: Story, at: ConversationUrl) -> None:
    """Draw the notice that answers come from one story, with a button to unlock."""
    title = escape_markdown(story_title(story.title))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", horizontal_alignment="distribute"):
        st.markdown(f":material/lock: about: **{title}**  \n{caption_text('Answers come only from this story.')}")
        if st.button("Ask about all stories", icon=":material/lock_open:"):
            open_page(Route.ASK, ConversationUrl(session=at.session).params())
