"""Gate conditions with a measured figure and a threshold."""

from collections.abc import Callable
from datetime import datetime

from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.report import Condition, Verdict
from backend_clients.migration.gate.wilson import trials_needed, wilson_bounds
from backend_clients.records.reader import Latency, Window
from backend_clients.stages import Outcome


def comparisons(window: Window) -> Condition:
    """Require enough matches and mismatches; other outcomes are listed in the figure."""
    judged = _matched(window) + _mismatched(window)
    enough = judged >= thresholds.COMPARISONS
    return Condition(
        "comparisons",
        Verdict.PASS if enough else Verdict.INCONCLUSIVE,
        f"{judged}{_set_aside(window)}",
        f">= {thresholds.COMPARISONS}",
        period(window),
        "" if enough else f"{thresholds.COMPARISONS - judged} more comparisons are needed; they come with visitors",
    )


def match_rate(window: Window) -> Condition:
    """Bound the match rate from below; inconclusive while more comparisons could still reach the bound."""
    matched, mismatched = _matched(window), _mismatched(window)
    judged = matched + mismatched
    low, high = wilson_bounds(matched, judged, thresholds.CONFIDENCE)
    seen_enough = judged >= thresholds.COMPARISONS and matched < thresholds.MATCH_RATE * judged
    verdict, advice = Verdict.INCONCLUSIVE, _more_needed(judged, mismatched)
    if low >= thresholds.MATCH_RATE:
        verdict, advice = Verdict.PASS, ""
    elif high < thresholds.MATCH_RATE or seen_enough:
        verdict = Verdict.FAIL
        advice = "list them with `mattgpt parity list`; fix the cause, or add it to the allow-list"
    figure = f"{matched / judged:.4f} of {judged} (lower bound {low:.4f})" if judged else "nothing compared"
    return Condition("match rate", verdict, figure, f"lower bound >= {thresholds.MATCH_RATE}", period(window), advice)


def error_rate(window: Window) -> Condition:
    """Bound the error rate; fails early if flawless calls up to the required number could not bring it down."""
    calls, errors = window.lambda_calls, window.lambda_errors
    tolerated = thresholds.ERROR_RATE * max(calls, thresholds.COMPARISONS)
    verdict, advice = Verdict.PASS, ""
    if errors > tolerated:
        verdict, advice = Verdict.FAIL, "read the reasons in the records and the functions' logs"
    elif calls < thresholds.COMPARISONS:
        verdict, advice = (
            Verdict.INCONCLUSIVE,
            f"{thresholds.COMPARISONS - calls} more calls are needed; they come with visitors",
        )
    figure = f"{errors / calls:.4f} ({errors} of {calls})" if calls else "no calls"
    return Condition("Lambda error rate", verdict, figure, f"<= {thresholds.ERROR_RATE}", period(window), advice)


def p95_latency(window: Window, legacy: Callable[[], Latency]) -> Condition:
    """Bound the Lambda side's 95th percentile; `legacy` returns the latency of legacy's answers to visitors."""
    measured = window.remote
    verdict, advice, allowed = Verdict.PASS, "", f"<= {thresholds.P95_MS:.0f} ms"
    if measured.p95 is None or measured.count < thresholds.COMPARISONS:
        missing = thresholds.COMPARISONS - measured.count
        verdict, advice = Verdict.INCONCLUSIVE, f"{missing} more warm calls are needed; they come with visitors"
    elif measured.p95 > thresholds.P95_MS:
        limit, allowed = _as_before(legacy(), allowed)
        if measured.p95 > limit:
            verdict, advice = Verdict.FAIL, "give the functions more memory, or find what takes the time"
    figure = "no warm calls" if measured.p95 is None else f"{measured.p95:.0f} ms of {measured.count} warm calls"
    if window.cold_starts:
        figure += f", {window.cold_starts} cold starts left out"
    return Condition("Lambda p95", verdict, figure, allowed, period(window), advice)


def _as_before(legacy: Latency, allowed: str) -> tuple[float, str]:
    """The p95 limit and its text: relative to legacy's p95 if that is above `P95_MS` itself."""
    if legacy.p95 is None or legacy.count < thresholds.COMPARISONS or legacy.p95 <= thresholds.P95_MS:
        return thresholds.P95_MS, allowed
    limit = thresholds.P95_OF_LEGACY * legacy.p95
    return limit, f"<= {limit:.0f} ms, since legacy's own is {legacy.p95:.0f} ms of {legacy.count} answers"


def period(window: Window) -> str:
    """The stage and start of a figure's records: "live, since 2026-11-23 21:04:10 +0000"."""
    since = window.since if window.since is not None else window.first_at
    stage = window.stage or "any stage"
    return f"{stage}, since {moment(since)}" if since is not None else f"{stage}, no records"


def moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _matched(window: Window) -> int:
    """Matches and accepted mismatches."""
    return window.outcomes.get(Outcome.MATCH, 0) + window.accepted


def _mismatched(window: Window) -> int:
    return window.outcomes.get(Outcome.MISMATCH, 0) - window.accepted


def _set_aside(window: Window) -> str:
    """Notes on accepted and excluded outcomes: " (3 of them accepted mismatches; not counted: 12 version_skew)"."""
    judged = (Outcome.MATCH, Outcome.MISMATCH)
    others = [f"{count} {name}" for name, count in sorted(window.outcomes.items()) if name not in judged and count]
    notes = [f"{window.accepted} of them accepted mismatches"] if window.accepted else []
    notes += [f"not counted: {', '.join(others)}"] if others else []
    return f" ({'; '.join(notes)})" if notes else ""


def _more_needed(judged: int, mismatched: int) -> str:
    needed = trials_needed(mismatched, thresholds.MATCH_RATE, thresholds.CONFIDENCE)
    return f"{needed - judged} more comparisons without a mismatch are needed; they come with visitors"
