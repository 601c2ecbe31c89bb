"""The overview of the migration: problems, a card per domain, the last changes."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

import streamlit as st

from backend_clients.migration.models import FlagChange, Window
from backend_clients.migration.service import DomainStatus
from streamlit_app.migration.view_model import LoadError, Overview
from streamlit_app.migration.wording import BREAKERS, VERDICTS, Mark, compared_in, error_rate, match_rate
from streamlit_app.shared.markdown_escape import caption, caption_text, escape_markdown
from streamlit_app.shared.wording import counted, moment, ms

_CARD_WIDTH: Final = 240
_MOST_TROUBLES: Final = 6


def draw_troubles(troubles: Sequence[str]) -> None:
    """Draw problems of the flags and the records, one line each."""
    if not troubles:
        return
    lines = [escape_markdown(trouble) for trouble in troubles[:_MOST_TROUBLES]]
    if len(troubles) > _MOST_TROUBLES:
        lines.append(f"and {len(troubles) - _MOST_TROUBLES} more, in the log")
    st.warning("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0], icon=":material/warning:")


def draw_how_to_begin() -> None:
    st.info(
        "No records yet. Start the Lambda stack, put a domain into `shadow`, and use the site: every call and "
        "comparison is recorded. To compare both sides without visitors, run "
        "`mattgpt parity run --domain all --generate 500`.",
        icon=":material/database:",
    )


def draw_cards(statuses: Mapping[str, DomainStatus | LoadError]) -> None:
    grid = st.grid(4, min_column_width=_CARD_WIDTH)
    for domain, status in statuses.items():
        with grid.container(border=True, height="stretch", gap="xsmall"):
            if isinstance(status, DomainStatus):
                _draw_card(status)
            else:
                _draw_unknown(domain, status)


def draw_counters(overview: Overview) -> None:
    """Draw the numbers of lost records and dropped comparisons since this process started."""
    lost = counted(overview.counters.get("records_lost", 0), "record")
    dropped = counted(overview.counters.get("comparisons_dropped", 0), "comparison")
    st.markdown(caption_text(f"Since the site started: {lost} lost, {dropped} dropped."))


def badge(mark: Mark, words: str = "") -> str:
    return f":{mark.color}-badge[{mark.icon} {escape_markdown(words or mark.words)}]"


def _draw_card(status: DomainStatus) -> None:
    window = status.window
    _draw_name(status.domain, f":violet-badge[:material/flag: {escape_markdown(status.stage)}]")
    if status.shares != status.stage:
        st.markdown(f":small[:material/pie_chart: {escape_markdown(status.shares)}]")
    st.markdown("  \n".join(_figures(window)))
    st.space("stretch")
    st.markdown(_next_step(status))
    if found := _alarms(status):
        st.markdown(" ".join(found))


def _figures(window: Window) -> list[str]:
    if not (window.calls or window.outcomes):
        return [caption_text("No records since its flag last changed.")]
    sides = (
        f"**{ms(window.legacy.p95)}** {caption_text('legacy ·')} **{ms(window.remote.p95)}** {caption_text('Lambda')}"
    )
    return [
        f"{caption_text('Match rate')} {_of(match_rate(window), compared_in(window))}",
        f"{caption_text('Lambda errors')} {_of(error_rate(window), window.lambda_calls)}",
        f"{caption_text('p95')} {sides}",
    ]


def _of(rate: str, whole: int) -> str:
    return f"**{rate}** {caption_text(f'of {whole:,}')}" if whole else caption_text("not measured")


def _draw_unknown(domain: str, trouble: LoadError) -> None:
    stage = f":violet-badge[:material/flag: {escape_markdown(trouble.shares)}]" if trouble.shares else ""
    _draw_name(domain, stage or ":orange-badge[:material/help: unknown]")
    st.markdown(caption_text("Its records cannot be read." if stage else "Its flag cannot be read."))


def _draw_name(domain: str, stage: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="xsmall"):
        st.markdown(f"**{domain.title()}**", width="content")
        st.markdown(stage, width="content")


def _next_step(status: DomainStatus) -> str:
    if status.gate is None:
        ready = status.retirement is not None and status.retirement.ready
        return f":green-badge[:material/flag_circle: last stage{'; legacy can be removed' if ready else ''}]"
    mark = VERDICTS[status.gate.verdict]
    return badge(mark, f"to {status.gate.target.value}: {mark.words}")


def _alarms(status: DomainStatus) -> list[str]:
    found = []
    if status.breaker not in (None, "closed"):
        found.append(badge(BREAKERS[status.breaker], f"breaker {status.breaker}"))
    if status.open_repairs:
        found.append(f":orange-badge[:material/build: {counted(status.open_repairs, 'open repair')}]")
    return found


def draw_changes(changes: Sequence[FlagChange], zone: tzinfo | None) -> None:
    if not changes:
        caption("No stage changes yet.")
        return
    with st.container(gap="xsmall"):
        for change in changes:
            _draw_change(change, zone)


def _draw_change(change: FlagChange, zone: tzinfo | None) -> None:
    forced = " :orange-badge[:material/warning: forced]" if change.forced else ""
    reason = f": {escape_markdown(change.reason)}" if change.reason else ""
    st.markdown(
        f"{escape_markdown(change.before)} :material/arrow_forward: **{escape_markdown(change.after)}**"
        f"{forced}{reason}  \n"
        f"{caption_text(f'{escape_markdown(moment(change.at, zone))} · {escape_markdown(change.who)}')}"
    )
