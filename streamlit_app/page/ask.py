"""Ask: a conversation about the stories, each answer with the stories it comes from."""

from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend_clients.errors import BackendError, InvalidRequest, NotFound
from contracts.ask import MAX_QUESTION, FeedbackRequest, ForgetRequest, Turn
from contracts.stories import StoryListRequest
from contracts.story import Story
from streamlit_app.address import address
from streamlit_app.asking import attempt, begin, keep, load_earlier, load_talk, take_back, waiting
from streamlit_app.components.answer_actions import draw_copy, draw_helpful
from streamlit_app.components.answers import answerer, draw_answer, draw_question, draw_sources
from streamlit_app.components.frame import show_page
from streamlit_app.components.outcome import answer, show_failure, show_origin
from streamlit_app.components.prose import prose
from streamlit_app.components.questions import draw_questions
from streamlit_app.components.talk_actions import draw_actions, draw_lock
from streamlit_app.components.text import quiet
from streamlit_app.components.welcome_ask import draw_welcome
from streamlit_app.state import Key, Site
from streamlit_app.suggestions import first_questions, interview_questions, next_questions
from streamlit_app.talk import Pending, Talk, TalkAddress, read_talk_address, source_params

_WIDTH: Final = 800
_UNANSWERED: Final = "The question could not be answered."
_UNKEPT: Final = "The answer could not be kept: a reload would lose it."


def ask(site: Site) -> None:
    at = read_talk_address(address())
    head = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    head.title("Ask", anchor=False, width="content")
    about = _find_locked(site, at)
    if about is None:
        at = replace(at, story="")
    _draw_box(at, about)
    talk = answer(lambda: load_talk(site, at), "The conversation could not be loaded.", height=420)
    if talk is None:
        return
    pending = waiting(at)
    if not (talk.turns or pending):
        _welcome(site, at, about)
        return
    with head:
        _show_actions(site, talk, at)
    _show_earlier(site, talk)
    for turn in talk.turns:
        with _show_turn(site, talk, turn, at):
            if turn is talk.turns[-1] and not pending:
                _show_next(site, talk, at, about)
    if pending:
        _serve(site, talk, pending, about)
    show_origin(talk.served, site.clients.settings.show_origin)


def _draw_box(at: TalkAddress, about: Story | None) -> None:
    """The box for questions, at the page's foot, and the lock above it."""
    if at.question and st.session_state.get(Key.PREPARED) != at.question:
        st.session_state[Key.PREPARED] = at.question
        if not waiting(at):
            st.session_state[Key.QUESTION] = at.question
    with st.bottom, st.container(horizontal_alignment="center"), st.container(width=_WIDTH, gap="xsmall"):
        if about:
            draw_lock(about, at)
        st.chat_input(
            "Ask about this story" if about else "Ask about the stories",
            key=Key.QUESTION,
            max_chars=MAX_QUESTION,
            submit_mode="disable",
            on_submit=lambda: begin(at, st.session_state[Key.QUESTION] or ""),
        )


def _find_locked(site: Site, at: TalkAddress) -> Story | None:
    """The story that the address limits answers to; one that is not there limits nothing."""
    if not at.story:
        return None
    known: Story | None = st.session_state.get(Key.LOCK)
    if known is None or known.id != at.story:
        try:
            known = site.clients.stories.get_story(at.story, site.visitor).value.story
        except (NotFound, InvalidRequest):
            st.info("The story to ask about is not there. Questions go to all stories.", icon=":material/lock_open:")
            return None
        except BackendError:
            return Story(id=at.story, title="one story, whose title could not be loaded")
        st.session_state[Key.LOCK] = known
    return known


def _welcome(site: Site, at: TalkAddress, about: Story | None) -> None:
    found = answer(
        lambda: site.clients.stories.list_stories(StoryListRequest(limit=1), site.visitor),
        "The suggestions could not be put together.",
    )
    questions = interview_questions(about) if about else ()
    if found is not None and not questions:
        questions = first_questions(found.value, site.profile.name)
    if asked := draw_welcome(questions, found.value.total if found else 0, about):
        begin(at, asked, from_suggestion=True)
        st.rerun()


def _show_actions(site: Site, talk: Talk, at: TalkAddress) -> None:
    def forget() -> None:
        site.clients.ask.forget(ForgetRequest(session_id=at.session), site.visitor)

    draw_actions(talk, at, site.profile.name, forget)


def _show_earlier(site: Site, talk: Talk) -> None:
    if talk.earlier and st.button("Show what was said before", icon=":material/history:", type="tertiary"):
        try:
            load_earlier(site, talk)
        except BackendError as error:
            show_failure("What was said before could not be loaded.", error)
            return
        st.rerun()


def _show_turn(site: Site, talk: Talk, turn: Turn, at: TalkAddress) -> DeltaGenerator:
    """Draw a question and its answer; the answer's place, for what follows from it."""
    locked_to = turn.sources[0].title if turn.story_id and turn.sources else ""
    draw_question(turn.question, locked_to)
    place = answerer()
    with place:
        mode = draw_answer(turn)
        if turn.refused:
            return place
        draw_sources(turn, {source.id: source_params(source, at) for source in turn.sources})
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            verdict = draw_helpful(turn)
            draw_copy(turn, mode)
        if verdict is not None:
            _rate(site, talk, turn, verdict)
    return place


def _rate(site: Site, talk: Talk, turn: Turn, helpful: bool) -> None:
    if talk.rated.get(turn.turn_id) is not helpful:
        request = FeedbackRequest(session_id=turn.session_id, turn_id=turn.turn_id, helpful=helpful)
        try:
            site.clients.ask.rate(request, site.visitor)
        except BackendError as error:
            show_failure("Your verdict could not be kept.", error)
            return
        talk.rated[turn.turn_id] = helpful
    quiet("Thank you, noted.")


def _show_next(site: Site, talk: Talk, at: TalkAddress, about: Story | None) -> None:
    """Where to go from the last answer."""
    turn = talk.turns[-1]
    questions = talk.suggestions.get(turn.turn_id) or next_questions(turn, talk.asked, site.profile.name, about)
    if not questions:
        return
    quiet("Ask instead" if turn.refused else "Go on with")
    if asked := draw_questions(questions, turn.turn_id):
        begin(at, asked, from_suggestion=True)
        st.rerun()


def _serve(site: Site, talk: Talk, pending: Pending, about: Story | None) -> None:
    """Answer the waiting question, as far as it goes; what fails stays, with a way to try again."""
    at = TalkAddress(pending.session, pending.story)
    if pending.turn is None:
        draw_question(pending.question, about.title if about else "")
        with answerer():
            _answer(site, pending, at)
    if pending.turn is None:
        return
    try:
        keep(site, pending, talk)
    except BackendError as error:
        _show_turn(site, talk, pending.turn, at)
        show_failure(_UNKEPT, error)
        return
    st.rerun()


def _answer(site: Site, pending: Pending, at: TalkAddress) -> None:
    if pending.error is None or st.session_state.get(f"retry-{_UNANSWERED}"):
        text = st.empty()

        def show(so_far: str) -> None:
            text.markdown(prose(so_far), anchors=False)

        with st.spinner("Reading the stories"):
            attempt(site, pending, show)
        text.empty()
    if pending.error is not None:
        show_failure(_UNANSWERED, pending.error)
        st.button("Change the question", icon=":material/edit:", on_click=take_back, args=(at,))


show_page(ask, width=_WIDTH)
