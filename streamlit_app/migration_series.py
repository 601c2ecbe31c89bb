"""The rows behind the migration page's charts; moments in milliseconds, as charts count them."""

from collections.abc import Sequence
from typing import Any

from backend_clients.migration.desk import DomainStatus
from backend_clients.migration.evidence import Latency, TrendPoint
from streamlit_app.migration_words import ms


def latency_rows(statuses: Sequence[DomainStatus]) -> list[dict[str, Any]]:
    """A row for each domain's side of which something was measured."""
    return [
        row
        for status in statuses
        for side, latency in (("legacy", status.window.legacy), ("Lambda", status.window.remote))
        if (row := _latency_row(status.domain, side, latency))
    ]


def latency_trend_rows(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """A row for each slot even where nothing was measured, so that lines break there and the whole span is shown."""
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
    """How many of each kind there were, by name."""
    return {
        "mismatches": sum(point.mismatched for point in points),
        "errors": sum(point.errors for point in points),
        "fallbacks": sum(point.fallbacks for point in points),
    }


def event_rows(points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """A row for each kind in each slot that has any."""
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
