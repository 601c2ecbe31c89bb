"""Charts of the migration: latency of both sides, and outcomes of calls over time.

Colour is never the only difference: bars have labels, lines differ in shape and dash, events in shape.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import streamlit as st

from backend_clients.migration.models import Latency, TrendPoint
from backend_clients.migration.service import DomainStatus
from streamlit_app.shared.markdown_escape import caption
from streamlit_app.shared.wording import counted, ms

_ROW_HEIGHT: Final = 26
_AXIS_HEIGHT: Final = 60
_TREND_HEIGHT: Final = 220
_SHAPES: Final = ("diamond", "cross", "triangle-up")
_SIDES: Final = ("legacy", "Lambda")
_LABEL_ROOM: Final = 1.9  # scale / longest bar, so that its label fits


@dataclass(frozen=True)
class Ink:
    """The colours of one theme; contrast with the background is at least 3:1, for text 4.5:1."""

    text: str
    legacy: str
    remote: str
    calls: str
    mismatches: str
    errors: str
    fallbacks: str


_LIGHT: Final = Ink("#2C3E50", "#64748B", "#5558E6", "#94A3B8", "#B45309", "#B91C1C", "#6D28D9")
_DARK: Final = Ink("#E5E7EB", "#94A3B8", "#818CF8", "#64748B", "#FBBF24", "#F87171", "#C4B5FD")


def draw_latencies(statuses: Sequence[DomainStatus]) -> None:
    """Draw p50 and p95 of both sides of every domain: p95 as a pale bar, p50 as a solid bar inside."""
    rows = latency_rows(statuses)
    if not rows:
        caption("No latencies yet.")
        return
    ink = _ink()
    longest = max(row["p95"] for row in rows)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("row:N", sort=None, title=None, axis=alt.Axis(labelOverlap=False, ticks=False, domain=False)),
        color=alt.Color("side:N", legend=None, scale=_scale(_SIDES, (ink.legacy, ink.remote))),
    )
    scale = alt.Scale(domain=[0, longest * _LABEL_ROOM], nice=False)
    x_axis = alt.Axis(title="milliseconds", grid=False, tickCount=5)
    wide = base.mark_bar(opacity=0.4, height=14).encode(x=alt.X("p95:Q", scale=scale, axis=x_axis))
    full = base.mark_bar(height=14).encode(x=alt.X("p50:Q", scale=scale, axis=x_axis))
    label = base.mark_text(align="left", dx=6).encode(x="p95:Q", text="label:N", color=alt.value(ink.text))
    st.altair_chart(
        (wide + full + label).properties(height=len(rows) * _ROW_HEIGHT + _AXIS_HEIGHT),
        alt="Latency of both sides. " + " ".join(f"{row['row']}: {row['label']}." for row in rows),
    )


def draw_outcomes(points: Sequence[TrendPoint], span: str) -> None:
    """Draw calls as an area; mismatches, errors and fallbacks as marks of different shapes."""
    events = events_in(points)
    calls = sum(point.calls for point in points)
    if not calls and not any(events.values()) and not any(point.matched for point in points):
        caption(f"Nothing was recorded in the last {span}.")
        return
    ink = _ink()
    area = (
        alt.Chart(_data([{"at": point.at * 1000, "calls": point.calls} for point in points]))
        .mark_area(color=ink.calls, opacity=0.6, interpolate="step")
        .encode(x=_time(), y=alt.Y("calls:Q", title="calls", axis=alt.Axis(tickMinStep=1, format="d")))
    )
    summary = ", ".join(f"{number:,} {name}" for name, number in events.items())
    st.altair_chart(
        (area + _event_marks(points, ink) if any(events.values()) else area).properties(height=_TREND_HEIGHT),
        alt=f"The last {span}: {counted(calls, 'call')}, {summary}.",
    )


def draw_latency_trend(points: Sequence[TrendPoint], span: str) -> None:
    """Draw p50 (dashed) and p95 (solid) of both sides."""
    rows = latency_trend_rows(points)
    if all(row["ms"] is None for row in rows):
        caption(f"No latency was measured in the last {span}.")
        return
    ink = _ink()
    colors = _scale(_SIDES, (ink.legacy, ink.remote))
    base = alt.Chart(_data(rows)).encode(
        x=_time(),
        y=alt.Y("ms:Q", title="milliseconds"),
        color=alt.Color("side:N", title=None, scale=colors, legend=_legend()),
    )
    strokes = _legend(symbolType="stroke", symbolSize=300, symbolStrokeColor=ink.text)
    dashes = alt.StrokeDash("quantile:N", title=None, scale=_scale(("p95", "p50"), ([1, 0], [5, 4])), legend=strokes)
    lines = base.mark_line(strokeWidth=2, invalid="break-paths-show-path-domains").encode(strokeDash=dashes)
    shapes = alt.Shape("side:N", title=None, scale=_scale(_SIDES, ("square", "circle")), legend=_legend())
    dots = base.mark_point(size=30, filled=True, opacity=1).encode(shape=shapes)
    last = {(row["side"], row["quantile"]): row["ms"] for row in rows if row["ms"] is not None}
    summary = ", ".join(f"{side} {quantile} {ms(value)}" for (side, quantile), value in last.items())
    chart = (lines + dots).properties(height=_TREND_HEIGHT)
    st.altair_chart(chart, alt=f"Latency over the last {span}; latest: {summary}.")


def _event_marks(points: Sequence[TrendPoint], ink: Ink) -> alt.Chart:
    names = events_in(points)
    colors = (ink.mismatches, ink.errors, ink.fallbacks)
    marks: alt.Chart = alt.Chart(_data(event_rows(points))).mark_point(size=90, filled=True, opacity=1)
    return marks.encode(
        x=_time(),
        y=alt.Y("count:Q", title="calls"),
        shape=alt.Shape("event:N", title=None, scale=_scale(names, _SHAPES), legend=_legend()),
        color=alt.Color("event:N", title=None, scale=_scale(names, colors), legend=_legend()),
    )


def _time() -> alt.X:
    return alt.X("at:T", title=None, axis=alt.Axis(format="%H:%M", grid=False, labelOverlap=True))


def _scale(names: Iterable[str], marks: Iterable[Any]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=list(marks))


def _legend(**look: Any) -> alt.Legend:
    return alt.Legend(orient="top", direction="horizontal", **look)


def _data(rows: Sequence[Mapping[str, Any]]) -> alt.Data:
    return alt.Data(values=[dict(row) for row in rows])  # type: ignore[no-untyped-call]


def _ink() -> Ink:
    return _DARK if st.context.theme.type == "dark" else _LIGHT


def latency_rows(statuses: Sequence[DomainStatus]) -> list[dict[str, Any]]:
    """A row for each side of a domain that has latencies."""
    return [
        row
        for status in statuses
        for side, latency in (("legacy", status.window.legacy), ("Lambda", status.window.remote))
        if (row := _latency_row(status.domain, side, latency))
    ]


def latency_trend_rows(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """A row for each slot, also without latencies, so that lines break there and the whole span is shown."""
    return [
        {"at": point.at * 1000, "side": side, "quantile": quantile, "ms": value}
        for point in points
        for side, quantile, value in (
            ("legacy", "p50", point.legacy_p50),
            ("legacy", "p95", point.legacy_p95),
            ("Lambda", "p50", point.lambda_p50),
            ("Lambda", "p95", point.lambda_p95),
        )
    ]


def events_in(points: Sequence[TrendPoint]) -> dict[str, int]:
    """Count mismatches, errors and fallbacks."""
    return {
        "mismatches": sum(point.mismatched for point in points),
        "errors": sum(point.errors for point in points),
        "fallbacks": sum(point.fallbacks for point in points),
    }


def event_rows(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """A row for each kind of event in each slot that has any."""
    return [
        {"at": point.at * 1000, "event": name, "count": count}
        for point in points
        for name, count in events_in([point]).items()
        if count
    ]


def _latency_row(domain: str, side: str, latency: Latency) -> dict[str, Any] | None:
    if latency.p50 is None or latency.p95 is None:
        return None
    label = f"p50 {ms(latency.p50)} · p95 {ms(latency.p95)}"
    return {"row": f"{domain}, {side}", "side": side, "p50": latency.p50, "p95": latency.p95, "label": label}
