"""One stored comparison: the request, and both answers layer by layer."""

import json
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

import streamlit as st

from backend_clients.migration.models import Change, LayerDiff, Row, Signature, StoredComparison, side_by_side
from streamlit_app.migration.wording import cause_in_words
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.wording import DASH, moment, ms

_MARKS: Final = {
    Change.SAME: ("  ", "  "),
    Change.CHANGED: ("- ", "+ "),
    Change.REMOVED: ("- ", ""),
    Change.ADDED: ("", "+ "),
    Change.SKIPPED: ("  … ", "  … "),
}
_OUTCOMES: Final = {
    "mismatch": ":red-badge[:material/difference: mismatch]",
    "match": ":green-badge[:material/check_circle: match]",
}
_MOST_LINES: Final = 20


def draw_head(comparison: StoredComparison, accepted: str, zone: tzinfo | None) -> None:
    """Draw the operation, time, versions, and whether the difference is accepted."""
    st.title(f"Mismatch {comparison.id}", anchor=False)
    with st.container(gap="xsmall"):
        _draw_facts(comparison, accepted, zone)


def draw_request(comparison: StoredComparison, curl: str) -> None:
    """Draw the request and the curl command, if there is one."""
    st.header("Request", anchor=False)
    st.code(json.dumps(comparison.request, ensure_ascii=False, indent=2), language=None, wrap_lines=True)
    if curl:
        with st.expander("Copy as curl", icon=":material/terminal:"):
            st.code(curl, language=None, wrap_lines=True)


def draw_differences(comparison: StoredComparison) -> None:
    """Draw both answers side by side if they were stored, or else the stored differences."""
    st.header("Differences", anchor=False)
    if isinstance(comparison.legacy, dict) and isinstance(comparison.remote, dict):
        for layer in side_by_side(comparison.legacy, comparison.remote):
            _draw_layer(layer, first=layer.layer == comparison.layer)
        return
    caption("The answers were not stored. Differences in the first layer that differs:")
    draw_lines(comparison.differences)


def draw_causes(causes: Sequence[Signature]) -> None:
    """Draw where the answers differ, without their values."""
    st.header("Differences", anchor=False)
    lines = [cause_in_words(cause) for cause in causes[:_MOST_LINES]]
    st.markdown("\n".join(f"- {line}" for line in lines))


def draw_lines(lines: Sequence[str]) -> None:
    shown = list(lines[:_MOST_LINES]) + (["…"] if len(lines) > _MOST_LINES else [])
    st.code("\n".join(shown) or DASH, language=None, wrap_lines=True)


def draw_replayed(outcome: str, layer: str, differences: Sequence[str]) -> None:
    """Draw the outcome of the replay."""
    where = f" in **{escape_markdown(layer)}**" if layer else ""
    st.markdown(f"Replayed just now: {_outcome(outcome)}{where}")
    if differences:
        draw_lines(differences)


def _draw_facts(comparison: StoredComparison, accepted: str, zone: tzinfo | None) -> None:
    about = escape_markdown(
        f"{comparison.domain} {comparison.operation} in {comparison.stage} · {moment(comparison.at, zone)}"
    )
    cold = " (cold start)" if comparison.cold_start else ""
    st.markdown(f"{_outcome(comparison.outcome)} {caption_text(about)}")
    st.markdown(
        f"First difference in **{escape_markdown(comparison.layer or 'no layer')}** · "
        f"legacy {escape_markdown(ms(comparison.legacy_ms))} · Lambda {escape_markdown(ms(comparison.lambda_ms))}{cold}"
    )
    caption(_versions(comparison))
    if accepted:
        st.markdown(f":green[:material/task_alt: Accepted: {escape_markdown(accepted)}]")


def _outcome(outcome: str) -> str:
    return _OUTCOMES.get(outcome, f":orange-badge[:material/help: {escape_markdown(outcome.replace('_', ' '))}]")


def _versions(comparison: StoredComparison) -> str:
    versions = [f"{name.replace('_', ' ')} {value}" for name, value in comparison.versions.items() if value]
    return escape_markdown(" · ".join(versions)) or "Versions were not stored."


def _draw_layer(diff: LayerDiff, *, first: bool) -> None:
    if not diff.rows:
        st.markdown(caption_text(f":material/check: {escape_markdown(diff.layer)}: same"))
        return
    note = caption_text("first layer that differs") if first else caption_text("also differs")
    st.markdown(f":red-badge[:material/difference: differs] **{escape_markdown(diff.layer)}** {note}")
    left, right = st.columns(2, gap="small")
    with left:
        _draw_side("legacy", [_line(row, 0) for row in diff.rows])
    with right:
        _draw_side("Lambda", [_line(row, 1) for row in diff.rows])


def _draw_side(name: str, lines: Sequence[str]) -> None:
    st.markdown(caption_text(name))
    st.code("\n".join(lines), language=None, wrap_lines=True)


def _line(row: Row, side: int) -> str:
    text = row.left if row.change is Change.SKIPPED else (row.left, row.right)[side]
    return f"{_MARKS[row.change][side]}{text}"
