"""A gate's verdict and its conditions."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from backend_clients.migration.models import Condition, GateReport, Verdict
from streamlit_app.migration.overview import badge
from streamlit_app.migration.wording import VERDICTS, with_commands, without_folders
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown

_CONDITION_WIDTH: Final = 300
_NOW: Final = "now"
_ORDER: Final = (Verdict.FAIL, Verdict.INCONCLUSIVE)
_SUMMARIES: Final = {
    Verdict.PASS: "All conditions pass.",
    Verdict.FAIL: "It cannot move: see the failed conditions below.",
    Verdict.INCONCLUSIVE: "It cannot move yet: there is not enough data.",
}


def draw_gate(gate: GateReport) -> None:
    mark = VERDICTS[gate.verdict]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(f"May it move to {gate.target.value}?", anchor=False, width="content")
        st.markdown(badge(mark), width="content")
    st.markdown(_SUMMARIES[gate.verdict])
    windows = dict.fromkeys(condition.window for condition in gate.conditions if condition.window not in ("", _NOW))
    for window in windows:
        caption(f"Based on {escape_markdown(window)}.")
    _draw_open([condition for condition in gate.conditions if condition.verdict is not Verdict.PASS])
    grid = st.grid(3, min_column_width=_CONDITION_WIDTH, gap=("xsmall", "medium"))
    for condition in gate.conditions:
        if condition.verdict is Verdict.PASS:
            grid.markdown(_passed(condition))


def _draw_open(conditions: Sequence[Condition]) -> None:
    """Draw a card for each condition that does not pass, failures first."""
    if not conditions:
        return
    grid = st.grid(min(len(conditions), 3), min_column_width=_CONDITION_WIDTH)
    for condition in sorted(conditions, key=lambda condition: _ORDER.index(condition.verdict)):
        with grid.container(border=True, height="stretch", gap="xxsmall"):
            _draw_card(condition)


def _passed(condition: Condition) -> str:
    figure = escape_markdown(without_folders(condition.figure))
    return (
        f":green[:material/check_circle:] **{escape_markdown(condition.name)}** · {figure}  \n"
        f"{caption_text(f'needed: {escape_markdown(condition.threshold)}')}"
    )


def _draw_card(condition: Condition) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"):
        st.markdown(f"**{escape_markdown(condition.name)}**", width="content")
        st.markdown(badge(VERDICTS[condition.verdict]), width="content")
    st.markdown(escape_markdown(without_folders(condition.figure)))
    st.markdown(caption_text(f"needed: {escape_markdown(condition.threshold)}"))
    if condition.advice:
        st.markdown(f":small[:material/lightbulb: {with_commands(condition.advice)}]")
