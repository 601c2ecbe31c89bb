"""What a search says besides its hits: a refusal, doubts, filters that leave nothing, an industry that has more."""

from collections.abc import Callable

import streamlit as st

from contracts.search import GuardDecision
from streamlit_app.shared.links import FORWARD_ICON, state_button
from streamlit_app.shared.markdown_escape import escape_markdown
from streamlit_app.shared.question_buttons import ask_in_new_conversation, draw_questions
from streamlit_app.shared.story_list import StoryListState, is_filterable
from streamlit_app.shared.wording import counted, refusal_in_words


def draw_refusal(gate: GuardDecision) -> None:
    """Why nothing was searched for, and questions that can be asked instead."""
    st.info(refusal_in_words(gate.reason), icon=":material/search_off:")
    if not gate.suggestions:
        return
    st.markdown("Ask instead:")
    if asked := draw_questions(gate.suggestions, "refused"):
        ask_in_new_conversation(asked)


def draw_nothing(without_filters: int, clear_filters: Callable[[], None]) -> None:
    """That the filters leave nothing of what the search finds."""
    there = counted(without_filters, "story matches", "stories match")
    st.info(f"No story under these filters; {there} without them.", icon=":material/filter_alt_off:")
    st.button("Clear filters", icon=":material/close:", on_click=clear_filters)


def draw_doubt(hits: int) -> None:
    """That no story comes close."""
    shown = "This one is the nearest" if hits == 1 else f"These {hits} are the nearest"
    st.info(f"No story comes close to these words. {shown}.", icon=":material/travel_explore:")


def draw_more_in_industry(name: str, shown: int, held: int) -> None:
    """That the industry a search is about has more stories than the search shows."""
    if not is_filterable(name) or shown >= held:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f":material/domain: **{shown}** of **{held}** stories in {escape_markdown(name)}", width="content")
        whole = StoryListState().with_filters(industries=(name,))
        state_button("View all", whole.params(), icon=FORWARD_ICON)
