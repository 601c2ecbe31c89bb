"""One domain's figures: its stage, and statistics since its flag last changed."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

import streamlit as st

from backend_clients.migration.service import DomainStatus
from streamlit_app.migration.overview import badge
from streamlit_app.migration.wording import BREAKERS, STAGES, compared_in, error_rate, match_rate
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.wording import DASH, counted, moment

_TILE_WIDTH: Final = 150
_ODD_OUTCOMES: Final = {
    "version_skew": "with different corpus versions, not compared",
    "ignored": "ignored by the domain's own rule",
    "dropped": "dropped under load",
    "legacy_error": "where legacy failed",
    "lambda_error": "where Lambda failed",
    "both_error": "where both failed",
}


def draw_stages(status: DomainStatus) -> None:
    """Draw the domain's stages in order with the current one marked."""
    here = status.stages.index(status.stage) if status.stage in status.stages else -1
    steps = [_step(stage, place, here) for place, stage in enumerate(status.stages)]
    st.markdown(" :small[:gray[:material/chevron_right:]] ".join(steps))
    share = f" Now: {escape_markdown(status.shares)}." if status.shares != status.stage else ""
    caption(f"{STAGES.get(status.stage, '')}{share}")


def draw_figures(status: DomainStatus) -> None:
    window = status.window
    grid = st.grid(6, min_column_width=_TILE_WIDTH)
    grid.metric(
        "Match rate", match_rate(window), border=True, help="Comparisons that matched, or whose difference is accepted"
    )
    grid.metric("Lambda errors", error_rate(window), border=True, help="Share of the calls to the Lambda side")
    grid.metric(
        "Fallbacks", f"{window.fallbacks:,}", border=True, help="Calls that legacy answered after Lambda failed"
    )
    grid.metric("Calls", f"{window.calls:,}", border=True)
    grid.metric("Open repairs", f"{status.open_repairs:,}", border=True, help="Writes that are missing on one side")
    grid.metric("Cold starts", f"{window.cold_starts:,}", border=True, help="Not included in the latencies")


def draw_state(status: DomainStatus, zone: tzinfo | None) -> None:
    """Draw the breaker, automatic rollback, and the period of the figures."""
    parts = []
    if mark := BREAKERS.get(status.breaker or ""):
        parts.append(badge(mark, f"breaker {mark.words}"))
    parts.append(
        ":violet-badge[:material/undo: rolls back by itself]"
        if status.auto_rollback
        else caption_text(":material/back_hand: rolls back by hand")
    )
    if status.window.hand_offs:
        parts.append(caption_text(f"{counted(status.window.hand_offs, 'write')} handed off to legacy"))
    if status.window.accepted:
        parts.append(caption_text(f":material/task_alt: {counted(status.window.accepted, 'accepted difference')}"))
    st.markdown(" · ".join(parts))
    caption(_basis(status, zone))


def draw_retirement(status: DomainStatus) -> None:
    """On the last stage: draw whether the legacy side can be removed, and what to delete."""
    found = status.retirement
    if found is None:
        return
    st.header("Retire the legacy side", anchor=False)
    if not found.ready:
        _draw_list("Not yet:", found.reasons)
        return
    st.success(
        f"Lambda has answered without legacy for {counted(int(found.days), 'day')}: the legacy side can be removed.",
        icon=":material/check_circle:",
    )
    with st.expander(f"What to delete: {counted(len(found.deletions), 'place')}", type="compact"):
        st.code("\n".join(str(deletion) for deletion in found.deletions), language=None, wrap_lines=True)
    if found.by_hand:
        _draw_list("Check these by hand, they use the deleted code:", found.by_hand)


def _step(stage: str, place: int, here: int) -> str:
    if place == here:
        return f":violet-badge[:material/radio_button_checked: **{escape_markdown(stage)}, now**]"
    passed = place < here
    icon = ":material/check:" if passed else ":material/radio_button_unchecked:"
    return caption_text(f"{icon} {escape_markdown(stage)}")


def _basis(status: DomainStatus, zone: tzinfo | None) -> str:
    window = status.window
    since = f"since its flag last changed, {moment(window.since, zone)}" if window.since else "since the records begin"
    odd = [f"{window.outcomes[name]:,} {words}" for name, words in _ODD_OUTCOMES.items() if window.outcomes.get(name)]
    latest = f"; latest {moment(window.last_at, zone)}" if window.last_at else ""
    line = f"{counted(compared_in(window), 'comparison')} of answers {since}{latest}."
    return escape_markdown(f"{line} Besides: {', '.join(odd)}." if odd else line)


def _draw_list(heading: str, lines: Sequence[str]) -> None:
    st.markdown("\n".join([heading, "", *(f"- {escape_markdown(line)}" for line in lines or (DASH,))]))
