"""Ask: a conversation about the stories, each answer with its sources."""

from dataclasses import replace
from typing import Final

import streamlit as st

from backend_clients.errors import BackendError, InvalidRequest, NotFound
from contracts.conversations import ForgetRequest
from contracts.stories import StoryListRequest
from contracts.story import Story
from streamlit_app.ask.actions import draw_actions, draw_lock, say_too_long
from streamlit_app.ask.conversation import Conversation
from streamlit_app.ask.flow import begin, load_earlier, load_talk, open_conversation, submit, waiting
from streamlit_app.ask.turn_view import serve, show_last, show_turn
from streamlit_app.ask.welcome import draw_welcome
from streamlit_app.session.site import Key, Site
from streamlit_app.shared.call_status import load_or_show_error, show_error, show_origin
from streamlit_app.shared.conversation_url import ConversationUrl, read_conversation_url
from streamlit_app.shared.layout import draw_head, show_page
from streamlit_app.shared.query_params import address
from streamlit_app.shared.suggested_questions import opening_questions, story_questions

_WIDTH: Final = 800


def ask(site: Site) -> None:
    at = read_conversation_url(address())
    open_conversation(at)
    head = draw_head("Ask")
    about = _find_locked(site, at)
    if about is None:
        at = replace(at, story="")
    _draw_box(at, about)
    talk = load_or_show_error(lambda: load_talk(site, at), "The conversation could not be loaded.", height=420)
    if talk is None:
        return
    pending = waiting(at)
    if not (talk.turns or pending):
        _welcome(site, at, about)
        return
    with head:
        _show_actions(site, talk, at)
    _show_earlier(site, talk)
    for turn in talk.turns if pending else talk.turns[:-1]:
        show_turn(site, talk, turn, at)
    if pending:
        serve(site, talk, pending, about)
    else:
        show_last(site, talk, at, about)
    show_origin(talk.served)


def _draw_box(at: ConversationUrl, about: Story | None) -> None:
    """Draw the question box at the bottom of the page, and the lock above it."""
    if at.question and st.session_state.get(Key.PREPARED) != at.question:
        st.session_state[Key.PREPARED] = at.question
        if not waiting(at):
            st.session_state[Key.QUESTION] = at.question
    with st.bottom, st.container(horizontal_alignment="center"), st.container(width=_WIDTH, gap="xsmall"):
        if about:
            draw_lock(about, at)
        if length := st.session_state.pop(Key.TOO_LONG, 0):
            say_too_long(length)
        st.chat_input(
            "Ask about this story" if about else "Ask about the stories",
            key=Key.QUESTION,
            submit_mode="disable",
            on_submit=lambda: submit(at, st.session_state[Key.QUESTION] or ""),
        )


def _find_locked(site: Site, at: ConversationUrl) -> Story | None:
    """The story that the URL locks answers to; an unknown one locks nothing."""
    if not at.story:
        return None
    known: Story | None = st.session_state.get(Key.LOCK)
    if known is None or known.id != at.story:
        try:
            known = site.reads.get_story(at.story).value.story
        except (NotFound, InvalidRequest):
            st.info("This story does not exist. Questions go to all stories.", icon=":material/lock_open:")
            return None
        except BackendError:
            return Story(id=at.story, title="one story, whose title could not be loaded")
        st.session_state[Key.LOCK] = known
    return known


def _welcome(site: Site, at: ConversationUrl, about: Story | None) -> None:
    place = st.container()
    found = load_or_show_error(
        lambda: site.reads.list_stories(StoryListRequest(limit=1)),
        "The suggestions could not be loaded.",
    )
    questions = story_questions(about) if about else ()
    if found is not None and not questions:
        questions = opening_questions(site, found.value)
    with place:
        asked = draw_welcome(questions, found.value.total if found else 0, about)
    if asked:
        begin(at, asked, from_suggestion=True)
        st.rerun()


def _show_actions(site: Site, talk: Conversation, at: ConversationUrl) -> None:
    def forget() -> None:
        site.clients.ask.forget(ForgetRequest(session_id=at.session), site.visitor)

    draw_actions(talk, at, site.profile.person, forget)


def _show_earlier(site: Site, talk: Conversation) -> None:
    if talk.earlier and st.button("Show earlier questions", icon=":material/history:", type="tertiary"):
        try:
            load_earlier(site, talk)
        except BackendError as error:
            show_error("The earlier questions could not be loaded.", error)
            return
        st.rerun()


show_page(ask, width=_WIDTH)
