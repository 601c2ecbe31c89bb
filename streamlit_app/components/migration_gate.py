"""A gate's verdict and every condition behind it."""

from typing import Final

import streamlit as st

from backend_clients.migration.gates import Condition, GateReport, Verdict
from streamlit_app.components.migration_overview import badge
from streamlit_app.components.migration_text import with_commands
from streamlit_app.components.text import muted, plain
from streamlit_app.migration_words import VERDICTS, without_folders

_CONDITION_WIDTH: Final = 300
_ORDER: Final = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
_TOLD: Final = {
    Verdict.PASS: "Every condition holds.",
    Verdict.FAIL: "It may not move on: what fails stands below.",
    Verdict.INCONCLUSIVE: "It may not move on yet: too little is known.",
}


def draw_gate(gate: GateReport) -> None:
    mark = VERDICTS[gate.verdict]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(f"May it move to {gate.target.value}?", anchor=False, width="content")
        st.markdown(badge(mark), width="content")
    st.markdown(_TOLD[gate.verdict])
    grid = st.grid(3, min_column_width=_CONDITION_WIDTH)
    for condition in sorted(gate.conditions, key=lambda condition: _ORDER.index(condition.verdict)):
        with grid.container(border=True, height="stretch", gap="xxsmall"):
            _draw_condition(condition)


def _draw_condition(condition: Condition) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"):
        st.markdown(f"**{plain(condition.name)}**", width="content")
        st.markdown(badge(VERDICTS[condition.verdict]), width="content")
    st.markdown(plain(without_folders(condition.figure)))
    st.markdown(muted(f"needed: {plain(condition.threshold)}"))
    if condition.window:
        st.markdown(muted(plain(condition.window)))
    if condition.advice:
        st.markdown(f":small[:material/lightbulb: {with_commands(condition.advice)}]")
