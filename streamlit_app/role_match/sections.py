"""The sections of the Role Match page: the form, the requirements with their evidence, the points to discuss."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from contracts.role_match import FEWEST_WORDS, MAX_DESCRIPTION, MOST_WORDS, EvidenceSentence, Requirement, RoleMatch
from contracts.rules.roles.strength import Strength
from streamlit_app.role_match.export import SECTIONS
from streamlit_app.role_match.wording import STRENGTHS
from streamlit_app.routes import Route
from streamlit_app.session.site import Key
from streamlit_app.shared.links import FORWARD_ICON, page_link
from streamlit_app.shared.markdown_escape import caption, escape_markdown, shortened
from streamlit_app.shared.story_list import Params
from streamlit_app.shared.story_slug import story_slug
from streamlit_app.shared.wording import story_title

_SAMPLE: Final = Path(__file__).parents[1] / "data" / "sample_role.txt"
_TITLE_LENGTH: Final = 40


def draw_form(submit: Callable[[str], None], *, has_match: bool) -> None:
    """Draw the text area; `submit` is called with the text."""
    if not has_match:
        _draw_fields(submit)
        return
    with st.expander("Compare another role", icon=":material/edit:"):
        _draw_fields(submit)


def _draw_fields(submit: Callable[[str], None]) -> None:
    st.text_area(
        f"Job description ({FEWEST_WORDS} to {MOST_WORDS:,} words)",
        key=Key.ROLE_TEXT,
        height=220,
        max_chars=MAX_DESCRIPTION,
        placeholder="Paste the text of the advertisement, or the list of what the role asks for",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Compare with the stories",
            icon=":material/fact_check:",
            on_click=lambda: submit(st.session_state[Key.ROLE_TEXT]),
        )
        st.button("Try a sample role", icon=":material/science:", on_click=lambda: submit(sample_role()))


def sample_role() -> str:
    """The job description that comes with the site, marked as a sample."""
    return _SAMPLE.read_text("utf-8")


def choose_strengths(match: RoleMatch) -> list[Strength]:
    """Draw a pill for each strength with its count; return those to show, all where none is chosen."""
    counts = Counter(one.strength for one in match.requirements)
    present = [strength for strength in Strength if counts[strength]]
    chosen = st.pills(
        "Show",
        present,
        selection_mode="multi",
        format_func=lambda strength: f"{STRENGTHS[strength].label} · {counts[strength]}",
        label_visibility="collapsed",
        key=Key.STRENGTHS,
    )
    return list(chosen) or present


def draw_requirements(requirements: Sequence[Requirement], shown: Sequence[Strength], origin: Params) -> None:
    """Draw the requirements of some strengths, required and preferred apart; `origin` leads back from their stories."""
    for heading, is_required in SECTIONS:
        listed = [one for one in requirements if one.is_required is is_required and one.strength in shown]
        if not listed:
            continue
        st.header(heading, anchor=False)
        for one in listed:
            with st.container(border=True, gap="xsmall"):
                _draw_requirement(one, origin)


def _draw_requirement(one: Requirement, origin: Params) -> None:
    words = STRENGTHS[one.strength]
    st.badge(words.label, icon=words.icon, color=words.color)  # type: ignore[arg-type]
    st.markdown(f"**{escape_markdown(one.text)}**")
    for shown in one.evidence:
        _draw_evidence(shown, origin)
    if one.missing and one.evidence:
        caption(f"Not mentioned there: {escape_markdown(', '.join(one.missing))}")
    if one.note:
        caption(escape_markdown(one.note))


def _draw_evidence(shown: EvidenceSentence, origin: Params) -> None:
    with st.container(gap=None):
        st.markdown(f"\u201c{escape_markdown(shown.sentence)}\u201d")
        named = " · ".join(filter(None, (shortened(story_title(shown.title), _TITLE_LENGTH), shown.client)))
        page_link(Route.STORY, escape_markdown(named), {"id": story_slug(shown.story_id), **origin}, icon=FORWARD_ICON)


def draw_points(points: Sequence[str]) -> None:
    if points:
        st.header("Points to discuss", anchor=False)
        st.markdown("\n".join(f"- {escape_markdown(point)}" for point in points))
