"""The conversation across reruns: loading it, and taking a question from the box to a stored answer."""

from collections.abc import Callable

import streamlit as st

from backend_clients.errors import BackendError
from contracts.ask import MAX_QUESTION
from contracts.conversations import HistoryRequest
from streamlit_app.ask.conversation import Conversation, PendingQuestion
from streamlit_app.session.site import Key, Site
from streamlit_app.shared.conversation_url import ConversationUrl, SuggestedQuestion, clean_question, new_session
from streamlit_app.shared.query_params import set_params

PAGE: int = 20


def load_talk(site: Site, at: ConversationUrl) -> Conversation:
    """Return the URL's conversation from the session, or load it.

    Raises
    ------
    BackendError
        It could not be loaded.
    """
    talk: Conversation | None = st.session_state.get(Key.TALK)
    if talk is None or talk.session != at.session:
        talk = Conversation(at.session)
        if at.session:
            load_earlier(site, talk)
        st.session_state[Key.TALK] = talk
    return talk


def load_earlier(site: Site, talk: Conversation) -> None:
    """Load the previous page of turns."""
    request = HistoryRequest(session_id=talk.session, limit=PAGE, before=talk.earlier)
    found = site.clients.ask.history(request, site.visitor)
    known = {turn.turn_id for turn in talk.turns}
    talk.turns[:0] = [turn for turn in found.value.turns if turn.turn_id not in known]
    talk.rated = {verdict.turn_id: verdict.helpful for verdict in found.value.verdicts} | talk.rated
    talk.earlier = found.value.next_before
    talk.served = [found]


def submit(at: ConversationUrl, text: str) -> None:
    """Ask the typed question. Text that is too long stays in the box; Streamlit would drop it silently."""
    if len(text) > MAX_QUESTION:
        st.session_state[Key.QUESTION] = text
        st.session_state[Key.TOO_LONG] = len(text)
    else:
        begin(at, text)


def begin(at: ConversationUrl, text: str, *, from_suggestion: bool = False) -> None:
    """Make a question pending, in the URL's conversation or in a new one."""
    question = clean_question(text)
    if not question:
        return
    earlier = waiting(at)
    if earlier and earlier.turn:
        st.session_state[Key.TALK].turns.append(earlier.turn)
    session = at.session or new_session()
    if not at.session:
        st.session_state[Key.TALK] = Conversation(session)
    st.session_state[Key.PENDING] = PendingQuestion(question, session, at.story, from_suggestion)
    set_params(ConversationUrl(session, at.story).params())


def open_conversation(at: ConversationUrl) -> None:
    """Start the conversation of a question that was clicked on another page."""
    suggested = st.session_state.get(Key.SUGGESTED)
    if isinstance(suggested, SuggestedQuestion) and suggested.session == at.session:
        del st.session_state[Key.SUGGESTED]
        st.session_state[Key.TALK] = Conversation(at.session)
        st.session_state[Key.PENDING] = PendingQuestion(suggested.question, at.session, from_suggestion=True)


def waiting(at: ConversationUrl) -> PendingQuestion | None:
    """The pending question of the URL's conversation, or None."""
    pending: PendingQuestion | None = st.session_state.get(Key.PENDING)
    return pending if pending and pending.session == at.session else None


def attempt(site: Site, pending: PendingQuestion, on_text: Callable[[str], None]) -> None:
    """Answer the question. After a failure, keep the error and put the question into the URL, for a reload.

    `on_text` is called with the text so far while a model writes.
    """
    try:
        pending.answered(site.clients.ask.ask(pending.request(), site.visitor, on_text))
        pending.error = None
    except BackendError as error:
        pending.error = error
        _remember(pending)


def keep(site: Site, pending: PendingQuestion, talk: Conversation) -> None:
    """Store the answered question.

    Raises
    ------
    BackendError
        It could not be stored; it stays pending, and the question is in the URL.
    """
    if pending.turn is None or pending.routed is None:
        return
    try:
        kept = site.clients.ask.append(pending.turn, site.visitor)
    except BackendError:
        _remember(pending)
        raise
    talk.turns.append(pending.turn)
    talk.suggestions[pending.turn_id] = pending.routed.value.gate.suggestions
    talk.served = [pending.routed, kept]
    st.session_state.pop(Key.PENDING)
    if "q" in st.query_params:
        set_params(ConversationUrl(talk.session, pending.story).params())


def _remember(pending: PendingQuestion) -> None:
    """Put the question into the URL, so that a reload restores it."""
    st.session_state[Key.PREPARED] = pending.question
    st.query_params["q"] = pending.question


def take_back(at: ConversationUrl) -> None:
    """Move the pending question back into the box for editing."""
    if pending := waiting(at):
        st.session_state.pop(Key.PENDING)
        st.session_state[Key.QUESTION] = pending.question
        set_params(at.params())
