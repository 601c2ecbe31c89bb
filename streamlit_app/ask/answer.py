"""One turn of a conversation: the question, the answer and its sources."""

from typing import Final

import streamlit as st

from contracts.ask import AnswerMode, DegradedReason, Source
from contracts.conversations import Turn
from streamlit_app.ask.conversation import answer_text, available_modes
from streamlit_app.routes import Route
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.session.site import Key
from streamlit_app.shared.answer_markdown import prose, unescaped, with_mail_link
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.owner.contact import is_from_profile
from streamlit_app.shared.story_list import Params
from streamlit_app.shared.wording import match_in_words, refusal_in_words, story_title

MODES: Final = {
    AnswerMode.NARRATIVE: "Narrative",
    AnswerMode.KEY_POINTS: "Key points",
    AnswerMode.DEEP_DIVE: "Deep dive",
}
_DEGRADED: Final = {
    DegradedReason.PARTLY: "The written answer stopped, or mentioned facts that are not in its cited stories.",
    DegradedReason.UNGROUNDED: "The written answer mentioned facts that are not in its cited stories.",
    DegradedReason.MODEL_DOWN: "The language model could not be reached.",
    DegradedReason.BUDGET: "Today's limit for written answers is reached.",
}
_USER: Final = ":material/person:"
_ASSISTANT: Final = ":material/forum:"


def asker() -> st.delta_generator.DeltaGenerator:
    """The chat bubble of the visitor."""
    return st.chat_message("user", avatar=_USER)


def answerer() -> st.delta_generator.DeltaGenerator:
    """The chat bubble of the answer."""
    return st.chat_message("assistant", avatar=_ASSISTANT)


def draw_question(question: str, about: str = "") -> None:
    """Draw the question; `about` is the title of the story it is locked to, or ""."""
    with asker():
        st.markdown("  \n".join(escape_markdown(line) for line in question.splitlines() if line.strip()))
        if about:
            caption(f":material/lock: about: {escape_markdown(about)}")


def draw_answer(turn: Turn, email: str) -> AnswerMode:
    """Draw the answer in the chosen mode, with the owner's e-mail as a link, and return the mode."""
    if turn.refused:
        mark = "" if is_from_profile(turn.refused) else ":material/block: "
        said = with_mail_link(escape_markdown(turn.answer), email) or refusal_in_words(turn.refused)
        st.markdown(f"{mark}{said}")
        return turn.mode
    mode = _choose_mode(turn)
    if turn.degraded:
        is_partly = turn.degraded is DegradedReason.PARTLY
        badge = "Partly in the stories' own words" if is_partly else "Quoted from the stories"
        quoting = "The rest of this answer" if is_partly else "This answer"
        st.badge(badge, icon=":material/history_edu:", color="orange")
        caption(f"{_DEGRADED[turn.degraded]} {quoting} quotes the stories instead.")
    st.markdown(with_mail_link(prose(answer_text(turn, mode)), email), anchors=False)
    return mode


def draw_sources(turn: Turn, ways: dict[str, Params]) -> None:
    """Draw the numbered sources; `ways` maps story ids to query parameters."""
    if not turn.sources:
        return
    with st.container(gap="xsmall"):
        st.markdown(caption_text("Sources" if len(turn.sources) > 1 else "Source"))
        for source in turn.sources:
            _draw_source(source, ways[source.id], chosen=bool(turn.story_id))


def _draw_source(source: Source, params: Params, *, chosen: bool) -> None:
    words, icon, color = match_in_words(source.match, with_percentage=is_maintainer())
    badge = f":{color}-badge[{icon} {words}]"
    if chosen and not source.match:  # the story that the question is locked to
        badge = ":violet-badge[:material/lock: Asked about]"
    title = escape_markdown(story_title(source.title))
    about = f"{caption_text(escape_markdown(source.client))} " if source.client else ""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.markdown(
            f":violet[\\[{source.number}\\]] {title}  \n{about}{badge}",
            width="stretch",
        )
        page_link(Route.STORY, "Read", params, icon=FORWARD_ICON)


def _choose_mode(turn: Turn) -> AnswerMode:
    modes = available_modes(turn)
    if len(modes) < 2:
        return turn.mode
    chosen = st.segmented_control(
        "Answer format",
        modes,
        default=turn.mode,
        format_func=MODES.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=f"{Key.MODE}-{turn.turn_id}",
    )
    return AnswerMode(chosen or turn.mode)


def draw_helpful(turn: Turn, rated: bool | None) -> bool | None:
    """Draw the rating buttons and return the rating; `rated` is the earlier one."""
    caption("Helpful?")
    before = None if rated is None else int(rated)
    verdict = st.feedback("thumbs", default=before, key=f"{Key.HELPFUL}-{turn.turn_id}")
    return None if verdict is None else bool(verdict)


def draw_copy(turn: Turn, mode: AnswerMode) -> None:
    with st.popover("Copy", icon=":material/content_copy:", type="tertiary"):
        st.code(copied(turn, mode), language=None, wrap_lines=True)


def spoken(turn: Turn) -> str:
    """The answer as plain text, for a screen reader."""
    return unescaped(turn.answer or refusal_in_words(turn.refused))


def copied(turn: Turn, mode: AnswerMode) -> str:
    """Format the answer as plain text, followed by its sources."""
    sources = [f"[{source.number}] {', '.join(filter(None, (source.title, source.client)))}" for source in turn.sources]
    return "\n\n".join(filter(None, (unescaped(answer_text(turn, mode)), "\n".join(sources))))
