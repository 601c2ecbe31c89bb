"""The conditions that figures decide: each measured against its threshold."""

from collections.abc import Callable
from datetime import datetime

from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.report import Condition, Verdict
from backend_clients.migration.gate.wilson import trials_needed, wilson_bounds
from backend_clients.records.reader import Latency, Window
from backend_clients.stages import Outcome


def comparisons(window: Window) -> Condition:
    """Enough of them; those that say nothing about equality are named beside them."""
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
    """Inconclusive while the lower bound may yet be reached."""
    matched, mismatched = _matched(window), _mismatched(window)
    judged = matched + mismatched
    low, high = wilson_bounds(matched, judged, thresholds.CONFIDENCE)
    seen_enough = judged >= thresholds.COMPARISONS and matched < thresholds.MATCH_RATE * judged
    verdict, advice = Verdict.INCONCLUSIVE, _more_needed(judged, mismatched)
    if low >= thresholds.MATCH_RATE:
        verdict, advice = Verdict.PASS, ""
    elif high < thresholds.MATCH_RATE or seen_enough:
        verdict = Verdict.FAIL
        advice = "look at them with `mattgpt parity list`; mend the cause, or accept it with a reason"
    figure = f"{matched / judged:.4f} of {judged} (lower bound {low:.4f})" if judged else "nothing compared"
    return Condition("match rate", verdict, figure, f"lower bound >= {thresholds.MATCH_RATE}", period(window), advice)


def error_rate(window: Window) -> Condition:
    """Fails early where even flawless calls up to the smallest number that counts would not mend it."""
    calls, errors = window.lambda_calls, window.lambda_errors
    tolerated = thresholds.ERROR_RATE * max(calls, thresholds.COMPARISONS)
    verdict, advice = Verdict.PASS, ""
    if errors > tolerated:
        verdict, advice = Verdict.FAIL, "look at the reasons in the records and at the functions' logs"
    elif calls < thresholds.COMPARISONS:
        verdict, advice = (
            Verdict.INCONCLUSIVE,
            f"{thresholds.COMPARISONS - calls} more calls are needed; they come with visitors",
        )
    figure = f"{errors / calls:.4f} ({errors} of {calls})" if calls else "no calls"
    return Condition("Lambda error rate", verdict, figure, f"<= {thresholds.ERROR_RATE}", period(window), advice)


def p95_latency(window: Window, legacy: Callable[[], Latency]) -> Condition:
    """The 95th percentile of the Lambda side's times; `legacy` tells what visitors waited for the other one."""
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
    """The longest that is allowed, and its words, where visitors wait for longer than `P95_MS` anyway."""
    if legacy.p95 is None or legacy.count < thresholds.COMPARISONS or legacy.p95 <= thresholds.P95_MS:
        return thresholds.P95_MS, allowed
    limit = thresholds.P95_OF_LEGACY * legacy.p95
    return limit, f"<= {limit:.0f} ms, since legacy's own is {legacy.p95:.0f} ms of {legacy.count} answers"


def period(window: Window) -> str:
    """What a figure was gathered from: "live, since 2026-11-23 21:04:10 +0000"."""
    since = window.since if window.since is not None else window.first_at
    stage = window.stage or "any stage"
    return f"{stage}, since {moment(since)}" if since is not None else f"{stage}, no records"


def moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _matched(window: Window) -> int:
    """Equal, or different in ways that were accepted."""
    return window.outcomes.get(Outcome.MATCH, 0) + window.accepted


def _mismatched(window: Window) -> int:
    return window.outcomes.get(Outcome.MISMATCH, 0) - window.accepted


def _set_aside(window: Window) -> str:
    """What the number holds or leaves out, as " (3 of them accepted mismatches; beside them 12 version_skew)"."""
    judged = (Outcome.MATCH, Outcome.MISMATCH)
    others = [f"{count} {name}" for name, count in sorted(window.outcomes.items()) if name not in judged and count]
    told = [f"{window.accepted} of them accepted mismatches"] if window.accepted else []
    told += [f"beside them {', '.join(others)}"] if others else []
    return f" ({'; '.join(told)})" if told else ""


def _more_needed(judged: int, mismatched: int) -> str:
    needed = trials_needed(mismatched, thresholds.MATCH_RATE, thresholds.CONFIDENCE)
    return f"{needed - judged} more comparisons without a mismatch would do; they come with visitors"
