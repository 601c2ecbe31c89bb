"""Shows the turns of a conversation, the pending question and follow-up questions."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend_clients.errors import BackendError
from contracts.conversations import FeedbackRequest, Turn
from contracts.story import Story
from streamlit_app.ask.answer import answerer, draw_answer, draw_copy, draw_helpful, draw_question, draw_sources, spoken
from streamlit_app.ask.conversation import Conversation, PendingQuestion
from streamlit_app.ask.flow import attempt, begin, keep, take_back
from streamlit_app.session.site import Site
from streamlit_app.shared.answer_markdown import prose
from streamlit_app.shared.behaviour.component import announce, follow
from streamlit_app.shared.call_status import show_error
from streamlit_app.shared.conversation_url import ConversationUrl, source_params
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.owner.contact import draw_contact_beside, is_from_profile
from streamlit_app.shared.question_buttons import draw_questions
from streamlit_app.shared.suggested_questions import next_questions

_READING: Final = "Reading the stories"
_UNANSWERED: Final = "The question could not be answered."
_UNKEPT: Final = "The answer could not be saved: a reload restores only the question."


def show_turn(site: Site, talk: Conversation, turn: Turn, at: ConversationUrl) -> DeltaGenerator:
    """Draw a question and its answer, and return the answer's container."""
    locked_to = turn.sources[0].title if turn.story_id and turn.sources else ""
    draw_question(turn.question, locked_to)
    place = answerer()
    with place:
        mode = draw_answer(turn, site.profile.email)
        if turn.refused:
            draw_contact_beside(site, turn.refused, turn.turn_id)
            return place
        draw_sources(turn, {source.id: source_params(source, at) for source in turn.sources})
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            verdict = draw_helpful(turn, talk.rated.get(turn.turn_id))
            draw_copy(turn, mode)
        if verdict is not None:
            _rate(site, talk, turn, verdict)
    return place


def show_last(site: Site, talk: Conversation, at: ConversationUrl, about: Story | None) -> None:
    """Draw the last turn in view, with follow-up questions; an answer that has just come is announced."""
    turn = talk.turns[-1]
    follow(turn.turn_id)
    with show_turn(site, talk, turn, at):
        _show_next(talk, at, about)
    if turn.turn_id in talk.suggestions:
        announce(f"{turn.turn_id}-answered", spoken(turn))


def _rate(site: Site, talk: Conversation, turn: Turn, helpful: bool) -> None:
    if talk.rated.get(turn.turn_id) is not helpful:
        request = FeedbackRequest(session_id=turn.session_id, turn_id=turn.turn_id, helpful=helpful)
        try:
            site.clients.ask.rate(request, site.visitor)
        except BackendError as error:
            show_error("Your rating could not be saved.", error)
            return
        talk.rated[turn.turn_id] = helpful
    caption("Thank you.")


def _show_next(talk: Conversation, at: ConversationUrl, about: Story | None) -> None:
    """Draw follow-up questions of the last answer."""
    turn = talk.turns[-1]
    questions = talk.suggestions.get(turn.turn_id) or next_questions(turn, talk.asked, about)
    if not questions:
        return
    declined = turn.refused and not is_from_profile(turn.refused)
    caption("Ask instead" if declined else "Follow up with")
    if asked := draw_questions(questions, turn.turn_id):
        begin(at, asked, from_suggestion=True)
        st.rerun()


def serve(site: Site, talk: Conversation, pending: PendingQuestion, about: Story | None) -> None:
    """Answer and store the pending question; after a failure it stays pending, with a retry."""
    at = ConversationUrl(pending.session, pending.story)
    follow(pending.turn_id)
    if pending.turn is None:
        announce(pending.turn_id, _READING)
        draw_question(pending.question, about.title if about else "")
        with answerer():
            _answer(site, pending, at)
    if pending.turn is None:
        return
    try:
        keep(site, pending, talk)
    except BackendError as error:
        show_turn(site, talk, pending.turn, at)
        show_error(_UNKEPT, error)
        return
    st.rerun()


def _answer(site: Site, pending: PendingQuestion, at: ConversationUrl) -> None:
    if pending.error is None or st.session_state.get(f"retry-{_UNANSWERED}"):
        text = st.empty()

        def show(so_far: str) -> None:
            text.markdown(prose(so_far), anchors=False)

        with st.spinner(_READING):
            attempt(site, pending, show)
        text.empty()
    if pending.error is not None:
        show_error(_UNANSWERED, pending.error)
        st.button("Change the question", icon=":material/edit:", on_click=take_back, args=(at,))
