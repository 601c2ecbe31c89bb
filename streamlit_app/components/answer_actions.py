"""What a visitor can do with an answer: say whether it helped, copy it, go on from it."""

import streamlit as st

from contracts.ask import AnswerMode, Turn
from streamlit_app.components.prose import unescaped
from streamlit_app.components.text import quiet
from streamlit_app.state import Key
from streamlit_app.talk import told


def draw_helpful(turn: Turn, rated: bool | None) -> bool | None:
    """The visitor's verdict, if there is one; `rated` is the one they gave before."""
    quiet("Helpful?")
    before = None if rated is None else int(rated)
    verdict = st.feedback("thumbs", default=before, key=f"{Key.HELPFUL}-{turn.turn_id}")
    return None if verdict is None else bool(verdict)


def draw_copy(turn: Turn, mode: AnswerMode) -> None:
    with st.popover("Copy", icon=":material/content_copy:", type="tertiary"):
        st.code(copied(turn, mode), language=None, wrap_lines=True)


def copied(turn: Turn, mode: AnswerMode) -> str:
    """The answer as plain text, followed by its sources."""
    sources = [f"[{source.number}] {', '.join(filter(None, (source.title, source.client)))}" for source in turn.sources]
    return "\n\n".join(filter(None, (unescaped(told(turn, mode)), "\n".join(sources))))
