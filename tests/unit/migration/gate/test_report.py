"""The gates: what each step asks for, and what is a pass, a fail and neither."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.domains import DOMAINS
from backend_clients.flags.file import RolloutShare
from backend_clients.migration.gate import thresholds
from backend_clients.migration.gate.policy import GateInput, evaluate_gate, next_stage
from backend_clients.migration.gate.report import Condition, GateReport, Verdict
from backend_clients.migration.gate.wilson import trials_needed
from backend_clients.records.reader import Latency, Window
from backend_clients.stages import Stage
from operations.commands import flags
from tests.support.builders.statistics import NOTHING, healthy, window

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
LEGACY, DUALWRITE, SHADOW, LIVE, RAMPDOWN, LAMBDA = Stage
MEASURED = ["Lambda error rate", "Lambda p95"]
COMPARED = ["comparisons", "match rate", *MEASURED]
ALWAYS = ["flag", "stage order", "Lambda address"]


def shares(*parts: tuple[Stage, float]) -> tuple[RolloutShare, ...]:
    return tuple(RolloutShare(stage, percent) for stage, percent in parts)


def gate_input(domain: str, now: tuple[RolloutShare, ...], seen: Window | None = None, **changes: Any) -> GateInput:
    """Everything is as it should be but for the changes."""
    fine: dict[str, Any] = {"address": "http://127.0.0.1:3000", "open_repairs": 0, "unverified": ""}
    legacy = changes.pop("legacy", NOTHING)
    return GateInput(
        DOMAINS[domain], now, lambda stage: seen or healthy(stage.value), lambda: legacy, **(fine | changes)
    )


def judged(seen: Window, **changes: Any) -> GateReport:
    """Stories on their way from shadow to live."""
    return evaluate_gate(gate_input("stories", shares((SHADOW, 100)), seen, **changes), LIVE)


def named(report: GateReport, name: str) -> Condition:
    return next(condition for condition in report.conditions if condition.name == name)


# Which conditions a step has


@pytest.mark.parametrize(
    ("domain", "now", "target", "names"),
    [
        ("stories", [(LEGACY, 100)], SHADOW, ALWAYS),
        ("stories", [(SHADOW, 10), (LEGACY, 90)], SHADOW, ALWAYS),
        ("stories", [(SHADOW, 100)], LIVE, [*ALWAYS, *COMPARED]),
        ("stories", [(LIVE, 10), (SHADOW, 90)], LIVE, [*ALWAYS, *COMPARED]),
        ("stories", [(LIVE, 100)], LAMBDA, [*ALWAYS, *COMPARED]),
        ("ask", [(LEGACY, 100)], DUALWRITE, ALWAYS),
        ("ask", [(DUALWRITE, 100)], SHADOW, ALWAYS),
        ("ask", [(SHADOW, 100)], LIVE, [*ALWAYS, *COMPARED, "open repairs", "verified"]),
        ("ask", [(LIVE, 100)], RAMPDOWN, [*ALWAYS, *COMPARED, "open repairs", "verified"]),
        ("ask", [(RAMPDOWN, 100)], LAMBDA, [*ALWAYS, *MEASURED, "open repairs", "verified"]),
        ("ask", [(RAMPDOWN, 10), (LIVE, 90)], RAMPDOWN, [*ALWAYS, *COMPARED, "open repairs", "verified"]),
    ],
)
def test_a_step_asks_for_what_could_be_seen(
    domain: str, now: list[tuple[Stage, float]], target: Stage, names: list[str]
) -> None:
    report = evaluate_gate(gate_input(domain, shares(*now)), target)
    assert [condition.name for condition in report.conditions] == names
    assert (report.verdict, report.reasons) == (PASS, [])


@pytest.mark.parametrize(
    ("now", "target", "compared_in", "measured_in"),
    [
        ([(SHADOW, 100)], LIVE, SHADOW, SHADOW),
        ([(LIVE, 10), (SHADOW, 90)], LIVE, LIVE, LIVE),
        ([(LIVE, 100)], LAMBDA, LIVE, LIVE),
        ([(LAMBDA, 10), (LIVE, 90)], LAMBDA, LIVE, LAMBDA),
    ],
)
def test_the_evidence_is_of_the_stage_that_is_left_or_of_the_one_that_grows(
    now: list[tuple[Stage, float]], target: Stage, compared_in: Stage, measured_in: Stage
) -> None:
    report = evaluate_gate(gate_input("stories", shares(*now)), target)
    assert named(report, "match rate").window.startswith(f"{compared_in}, since 2001-09-")
    assert named(report, "Lambda p95").window.startswith(f"{measured_in}, since 2001-09-")


@given(st.sampled_from(sorted(DOMAINS)), st.data())
def test_no_stage_is_skipped_and_going_back_needs_nothing(domain: str, data: st.DataObject) -> None:
    order = DOMAINS[domain].stages
    in_force = data.draw(st.lists(st.sampled_from(order), min_size=1, max_size=2, unique=True))
    target = data.draw(st.sampled_from(order))
    now = shares(*((stage, 100 / len(in_force)) for stage in in_force))
    steps = order.index(target) - min(map(order.index, in_force))
    report = evaluate_gate(gate_input(domain, now), target)
    if steps <= 0:
        assert report.conditions == ()
    assert report.verdict is (FAIL if steps > 1 else PASS)
    if steps > 1:
        assert [line.partition(" (")[0] for line in report.reasons] == ["stage order"]
        assert f"first put everyone into {order[min(map(order.index, in_force)) + 1]}" in report.reasons[0]


def test_the_next_stage_is_that_of_those_furthest_behind() -> None:
    assert next_stage(DOMAINS["stories"], shares((LIVE, 10), (SHADOW, 90))) is LIVE
    assert next_stage(DOMAINS["stories"], shares((LAMBDA, 100))) is None
    assert next_stage(DOMAINS["ask"], ()) is DUALWRITE


# What the records must say


@pytest.mark.parametrize(
    ("matched", "mismatched", "verdict"),
    [
        (0, 0, INCONCLUSIVE),
        (150, 0, INCONCLUSIVE),
        (199, 0, INCONCLUSIVE),
        (267, 0, INCONCLUSIVE),
        (268, 0, PASS),
        (444, 1, INCONCLUSIVE),
        (445, 1, PASS),
        (147, 3, INCONCLUSIVE),  # 2 %, but three are not much
        (196, 4, FAIL),
        (980, 20, FAIL),
        (90, 10, FAIL),  # too few to pass, but hardly 99 %
        (990, 10, INCONCLUSIVE),  # 99 % just now; the bound says that it may be less
        (5000, 10, PASS),
    ],
)
def test_the_match_rate_passes_by_its_lower_bound_and_fails_when_it_is_known_to_be_low(
    matched: int, mismatched: int, verdict: Verdict
) -> None:
    seen = healthy(matched=matched, mismatched=mismatched)
    assert named(judged(seen), "match rate").verdict is verdict
    assert judged(seen).verdict is verdict


def test_a_hundred_and_fifty_clean_comparisons_are_inconclusive_and_say_what_is_missing() -> None:
    report = judged(healthy(count=150))
    assert report.verdict is INCONCLUSIVE
    assert [line.partition(" (")[0] for line in report.reasons] == COMPARED
    assert "50 more comparisons are needed" in report.reasons[0]
    assert "118 more comparisons without a mismatch are needed" in report.reasons[1]


def test_two_in_a_hundred_mismatches_fail_the_gate_with_the_figures() -> None:
    report = judged(healthy(matched=490, mismatched=10))
    assert report.verdict is FAIL
    (reason,) = report.reasons
    assert reason.startswith("match rate (fail): 0.9800 of 500 (lower bound 0.9668")
    assert "must be lower bound >= 0.99; list them with" in reason


def test_accepted_mismatches_count_as_matches_and_are_shown() -> None:
    report = judged(healthy(matched=490, mismatched=10, accepted=10))
    assert report.verdict is PASS
    assert named(report, "comparisons").figure == "500 (10 of them accepted mismatches)"


def test_what_says_nothing_about_equality_is_shown_and_not_counted() -> None:
    others = {"version_skew": 40, "ignored": 5, "dropped": 900, "legacy_error": 3, "both_error": 2, "lambda_error": 1}
    condition = named(judged(healthy(count=150, others=others)), "comparisons")
    assert condition.verdict is INCONCLUSIVE
    assert condition.figure == (
        "150 (not counted: 2 both_error, 900 dropped, 5 ignored, 1 lambda_error, 3 legacy_error, 40 version_skew)"
    )
    assert named(judged(healthy(count=300, others=others)), "match rate").verdict is PASS


@pytest.mark.parametrize(
    ("calls", "errors", "verdict"),
    [
        (0, 0, INCONCLUSIVE),
        (150, 0, INCONCLUSIVE),
        (150, 2, INCONCLUSIVE),
        (150, 3, FAIL),
        (300, 3, PASS),
        (300, 4, FAIL),
    ],
)
def test_the_error_rate_may_be_one_in_a_hundred(calls: int, errors: int, verdict: Verdict) -> None:
    report = judged(healthy(lambda_calls=calls, lambda_errors=errors))
    assert named(report, "Lambda error rate").verdict is verdict
    assert report.verdict is verdict


def test_two_in_a_hundred_errors_fail_the_gate_with_the_figures() -> None:
    report = judged(healthy(count=500, lambda_errors=10))
    (reason,) = report.reasons
    assert reason.startswith("Lambda error rate (fail): 0.0200 (10 of 500), must be <= 0.01; read the reasons ")


@pytest.mark.parametrize(
    ("latency", "verdict"),
    [
        (Latency(None, None, 0), INCONCLUSIVE),
        (Latency(10.0, 20.0, 199), INCONCLUSIVE),
        (Latency(10.0, 500.0, 200), PASS),
        (Latency(10.0, 500.1, 200), FAIL),
    ],
)
def test_warm_lambda_calls_take_half_a_second_at_most(latency: Latency, verdict: Verdict) -> None:
    condition = named(judged(healthy(remote=latency, cold_starts=7)), "Lambda p95")
    assert (condition.verdict, condition.threshold) == (verdict, "<= 500 ms")
    assert condition.figure.endswith(", 7 cold starts left out")


@pytest.mark.parametrize(
    ("legacy", "p95", "verdict"),
    [
        (Latency(1000.0, 2000.0, 200), 2200.0, PASS),
        (Latency(1000.0, 2000.0, 200), 2200.1, FAIL),
        (Latency(1000.0, 2000.0, 199), 2000.0, FAIL),  # too little is known of legacy
        (Latency(10.0, 499.0, 5000), 510.0, FAIL),
        (NOTHING, 510.0, FAIL),
    ],
)
def test_where_visitors_wait_longer_for_legacy_lambda_may_take_a_tenth_more(
    legacy: Latency, p95: float, verdict: Verdict
) -> None:
    """As where a model writes the answers."""
    condition = named(judged(healthy(remote=Latency(900.0, p95, 300)), legacy=legacy), "Lambda p95")
    assert condition.verdict is verdict


def test_a_threshold_relative_to_legacy_is_shown_with_its_figure() -> None:
    seen = healthy(remote=Latency(900.0, 1900.0, 300))
    condition = named(judged(seen, legacy=Latency(900.0, 1800.0, 412)), "Lambda p95")
    assert condition.threshold == "<= 1980 ms, since legacy's own is 1800 ms of 412 answers"


# What must be so beside the records


@pytest.mark.parametrize(
    ("changes", "name", "told"),
    [
        ({"open_repairs": 3}, "open repairs", "mattgpt repairs run"),
        ({"unverified": "conversations were never verified"}, "verified", "mattgpt backfill ask"),
        ({"address": ""}, "Lambda address", "set ASK_API_URL"),
        ({"problem": "flag 'ask': is missing"}, "flag", "is missing"),
    ],
)
def test_one_condition_that_fails_fails_the_gate(changes: dict[str, Any], name: str, told: str) -> None:
    report = evaluate_gate(gate_input("ask", shares((SHADOW, 100)), **changes), LIVE)
    assert report.verdict is FAIL
    (reason,) = report.reasons
    assert reason.startswith(f"{name} (fail): ")
    assert told in reason


def test_a_failure_outweighs_what_is_not_known() -> None:
    assert judged(window(lambda_calls=10, lambda_errors=10)).verdict is FAIL
    assert judged(window()).verdict is INCONCLUSIVE


def test_a_report_is_json_with_every_figure() -> None:
    found = judged(healthy(count=300)).as_json()
    assert (found["from"], found["to"], found["verdict"]) == ("shadow", "live", "pass")
    assert set(found["conditions"][3]) == {"name", "verdict", "figure", "threshold", "window", "advice"}
    assert found["conditions"][3]["figure"] == "300"


def test_the_readme_and_the_command_tell_the_thresholds_that_are_in_force() -> None:
    readme = " ".join((Path(__file__).resolve().parents[4] / "README.md").read_text("utf-8").split())
    assert thresholds.IN_WORDS in readme
    assert f"on `lambda` for {thresholds.RETIREMENT_DAYS} days" in readme
    enough = [trials_needed(count, thresholds.MATCH_RATE, thresholds.CONFIDENCE) for count in (0, 1)]
    assert "{} comparisons without a mismatch are enough, {} with one".format(*enough) in readme
    command = next(item for item in flags.app.registered_commands if item.name == "set")
    assert thresholds.IN_WORDS in (command.help or "")
