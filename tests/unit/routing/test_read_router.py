"""The router, cell by cell: every read stage, every outcome of Lambda, every outcome of legacy."""

import itertools
import threading
import time
from typing import Any

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.errors import (
    BackendError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.routed import Origin
from backend_clients.routing import read_router
from backend_clients.routing.breaker import CircuitOpen
from backend_clients.routing.shadow import ShadowPool
from backend_clients.stages import READS, Stage
from tests.support.sides.routed import (
    Answer,
    FakeLambda,
    FakeLedger,
    FakeSide,
    InlinePool,
    Question,
    RoutedDomain,
    eventually,
)

ANSWERED_BY = {
    Stage.LEGACY: "legacy",
    Stage.DUALWRITE: "legacy",
    Stage.SHADOW: "legacy",
    Stage.LIVE: "lambda",
    Stage.RAMPDOWN: "lambda",
    Stage.LAMBDA: "lambda",
}
COMPARED = (Stage.SHADOW, Stage.LIVE)
FALLS_BACK = (Stage.LIVE, Stage.RAMPDOWN)

OUTCOMES: dict[str, Answer | Exception] = {
    "value": Answer(),
    "not found": NotFound("no such thing"),
    "invalid": InvalidRequest("bad field"),
    "unavailable": Unavailable("down"),
    "timeout": Timeout("late"),
    "violation": ContractViolation("odd"),
    "busy": RateLimited("busy", 3.0),
    "unexpected": ZeroDivisionError("oops"),
}
FAILURES = ("unavailable", "timeout", "violation", "busy", "unexpected")
REFUSALS = ("not found", "invalid")
FAULTS = {
    "unavailable": "Unavailable: down",
    "timeout": "Timeout: late",
    "violation": "ContractViolation: odd",
    "busy": "RateLimited: busy",
    "unexpected": "Unavailable: something went wrong",
}


def expected_comparison(remote: str, legacy: str) -> str:
    """What a comparison of two outcomes finds."""
    if remote in FAILURES and legacy in FAILURES:
        return "both_error"
    if remote in FAILURES:
        return "lambda_error"
    if legacy in FAILURES:
        return "legacy_error"
    return "match" if remote == legacy else "mismatch"


def domain(stage: Stage, remote: str = "value", legacy: str = "value", **parts: Any) -> RoutedDomain:
    return RoutedDomain(stage, legacy=FakeSide(OUTCOMES[legacy]), remote=FakeLambda(OUTCOMES[remote]), **parts)


def ask(asked: RoutedDomain) -> tuple[Any, BackendError | None]:
    try:
        return asked.read(), None
    except BackendError as error:
        return None, error


@pytest.mark.parametrize(("stage", "remote", "legacy"), [*itertools.product(Stage, OUTCOMES, OUTCOMES)])
def test_a_read(stage: Stage, remote: str, legacy: str) -> None:
    asked = domain(stage, remote, legacy)
    falls_back = stage in FALLS_BACK and remote in FAILURES
    origin = "legacy" if falls_back else ANSWERED_BY[stage]
    outcome = legacy if origin == "legacy" else remote
    reason = FAULTS[remote] if falls_back else "default"

    routed, error = ask(asked)

    if outcome == "value":
        assert error is None
        assert routed.value is OUTCOMES["value"]
        assert (routed.origin, routed.stage, routed.reason, routed.fell_back) == (origin, stage, reason, falls_back)
        assert routed.latency_ms >= 0
    elif outcome == "unexpected":
        assert type(error) is Unavailable
        assert error.__cause__ is OUTCOMES["unexpected"]
        assert "oops" not in str(error)
    else:
        assert error is OUTCOMES[outcome]

    (call,) = asked.records.calls
    assert (call.domain, call.operation, call.stage) == ("quiz", "ask", stage)
    assert (call.origin, call.reason, call.fell_back) == (origin, reason, falls_back)
    assert call.failed == (outcome in FAILURES)

    if not (stage in COMPARED or falls_back):
        assert asked.records.comparisons == []
        assert len(asked.remote.calls) + len(asked.legacy.calls) == 1
        return
    assert len(asked.remote.calls) == len(asked.legacy.calls) == 1
    (comparison,) = asked.records.comparisons
    assert comparison.outcome == expected_comparison(remote, legacy)
    assert (comparison.domain, comparison.operation, comparison.stage) == ("quiz", "ask", stage)
    assert comparison.layer == ("" if remote == legacy == "value" else "status")
    assert comparison.legacy_ms is not None
    assert comparison.lambda_ms is not None


def test_the_stage_table_covers_every_stage_and_read_only_domains_have_four() -> None:
    assert set(READS) == set(Stage)
    assert DOMAINS["stories"].stages == (Stage.LEGACY, Stage.SHADOW, Stage.LIVE, Stage.LAMBDA)


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.LIVE])
def test_different_answers_are_recorded_as_a_mismatch_with_the_difference(stage: Stage) -> None:
    asked = RoutedDomain(stage, legacy=FakeSide(Answer(text="old")), remote=FakeLambda(Answer(text="new")))
    answer = asked.read("why?").value.text
    assert answer == ("old" if stage is Stage.SHADOW else "new")
    (comparison,) = asked.records.comparisons
    assert (comparison.outcome, comparison.layer) == ("mismatch", "text")
    assert "old" in comparison.differences[0]
    assert "new" in comparison.differences[0]
    assert comparison.request.text == "why?"


def test_answers_from_different_corpora_are_a_version_skew_not_a_mismatch() -> None:
    asked = RoutedDomain(Stage.SHADOW, remote=FakeLambda(Answer(text="new", corpus_version="v2")))
    asked.read()
    (comparison,) = asked.records.comparisons
    assert comparison.outcome == "version_skew"
    assert comparison.differences == ("corpus versions v1 -> v2",)


def test_a_share_is_named_as_the_reason() -> None:
    asked = domain(Stage.LIVE)
    asked.flags.reason = "share"
    assert asked.read().reason == "share"


@pytest.mark.parametrize(("stage", "marked"), [(Stage.SHADOW, True), (Stage.LIVE, False), (Stage.LAMBDA, False)])
def test_only_a_call_off_the_users_path_is_marked_as_a_shadow(stage: Stage, marked: bool) -> None:
    asked = domain(stage)
    asked.read()
    assert asked.remote.shadows == [marked]


@pytest.mark.parametrize("stage", [Stage.LIVE, Stage.LAMBDA])
def test_a_cold_start_is_labelled(stage: Stage) -> None:
    asked = RoutedDomain(stage, remote=FakeLambda(cold_start=True))
    assert asked.read().cold_start
    assert asked.records.calls[0].cold_start
    assert all(comparison.cold_start for comparison in asked.records.comparisons)


def test_a_fallback_is_not_labelled_cold() -> None:
    asked = domain(Stage.LIVE, remote="timeout")
    assert not asked.read().cold_start


@pytest.mark.parametrize("stage", list(Stage))
def test_without_a_legacy_side_lambda_answers_whatever_the_flag_says(stage: Stage) -> None:
    asked = RoutedDomain(stage, legacy=None)
    routed = asked.read()
    assert (routed.origin, routed.fell_back) == (Origin.LAMBDA, False)
    assert (routed.stage, routed.reason) == (Stage.LAMBDA, "no legacy side")
    assert asked.remote.shadows == [False]
    assert asked.records.comparisons == []


def test_without_a_legacy_side_a_failure_of_lambda_is_raised() -> None:
    asked = RoutedDomain(Stage.LIVE, legacy=None, remote=FakeLambda(OUTCOMES["timeout"]))
    with pytest.raises(Timeout):
        asked.read()


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_a_system_exit_on_the_visitors_path_propagates(stage: Stage, end: type[BaseException]) -> None:
    asked = RoutedDomain(stage, legacy=FakeSide(end()), remote=FakeLambda(end()))
    with pytest.raises(end):
        asked.read()


@pytest.mark.parametrize("end", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), MemoryError()])
def test_an_end_of_the_program_on_the_other_side_is_an_error_of_that_side(end: BaseException) -> None:
    shadowed = RoutedDomain(Stage.SHADOW, remote=FakeLambda(end))
    assert shadowed.read().value == Answer()
    assert shadowed.records.comparisons[0].outcome == "lambda_error"
    live = RoutedDomain(Stage.LIVE, legacy=FakeSide(end))
    assert live.read().value == Answer()
    assert live.records.comparisons[0].outcome == "legacy_error"


@pytest.mark.parametrize("stage", COMPARED)
def test_a_broken_comparer_is_recorded_and_the_answer_is_returned(stage: Stage) -> None:
    def broken(answer: Answer) -> dict[str, Any]:
        raise KeyError("layer")

    asked = domain(stage, layers=broken)
    assert asked.read().value == Answer()
    (comparison,) = asked.records.comparisons
    assert (comparison.outcome, comparison.layer) == ("mismatch", "comparer")
    assert comparison.differences == ("KeyError: 'layer'",)


def test_a_comparer_that_ends_the_program_neither_breaks_the_answer_nor_the_next_comparison() -> None:
    calls = []

    def leaving(answer: Answer) -> dict[str, Any]:
        calls.append(answer)
        if len(calls) == 1:
            raise SystemExit(1)
        return {"text": answer.text}

    pool = ShadowPool(workers=1, queue_size=10, timeout=5.0)
    asked = domain(Stage.SHADOW, layers=leaving, pool=pool)
    assert asked.read().value == Answer()
    assert asked.read().value == Answer()
    assert pool.drain(5.0)
    assert [comparison.outcome for comparison in asked.records.comparisons] == ["match"]
    pool.close()


@pytest.mark.parametrize("stage", COMPARED)
def test_a_stuck_other_side_does_not_delay_the_answer(stage: Stage) -> None:
    gate = threading.Event()
    pool = ShadowPool(workers=1, queue_size=10, timeout=5.0)
    asked = domain(stage, pool=pool)
    other = asked.remote if stage is Stage.SHADOW else asked.legacy
    other.gate = gate
    started = time.perf_counter()
    assert asked.read().value == Answer()
    assert time.perf_counter() - started < 2.0
    assert other.entered.wait(5.0)
    assert asked.records.comparisons == []
    gate.set()
    assert eventually(lambda: [comparison.outcome for comparison in asked.records.comparisons] == ["match"])
    pool.close()


@pytest.mark.parametrize("stage", COMPARED)
def test_a_full_queue_drops_the_comparison_records_that_and_answers(stage: Stage) -> None:
    asked = domain(stage, pool=InlinePool(full=True))
    assert asked.read().value == Answer()
    (comparison,) = asked.records.comparisons
    assert (comparison.outcome, comparison.legacy_ms, comparison.lambda_ms) == ("dropped", None, None)
    assert len(asked.remote.calls) + len(asked.legacy.calls) == 1


def test_after_repeated_failures_live_serves_legacy_without_calling_lambda() -> None:
    asked = domain(Stage.LIVE, remote="timeout", failures=3)
    for _ in range(3):
        assert asked.read().reason == "Timeout: late"
    assert asked.breaker.state == "open"
    routed = asked.read()
    assert (routed.origin, routed.fell_back) == (Origin.LEGACY, True)
    assert routed.reason.startswith("CircuitOpen: ")
    assert len(asked.remote.calls) == 3
    assert asked.records.comparisons[-1].outcome == "lambda_error"


def test_in_stage_lambda_an_open_circuit_is_raised() -> None:
    asked = domain(Stage.LAMBDA, remote="unavailable", failures=1)
    for error in (Unavailable, CircuitOpen):
        with pytest.raises(error):
            asked.read()
    assert len(asked.remote.calls) == 1


def test_shadow_failures_rest_without_touching_answers() -> None:
    asked = domain(Stage.SHADOW, remote="unexpected", failures=2)
    for _ in range(4):
        assert not asked.read().fell_back
    assert len(asked.remote.calls) == 2
    assert {comparison.outcome for comparison in asked.records.comparisons} == {"lambda_error"}


def test_shadow_failures_keep_no_visitor_in_live_from_the_lambda_side() -> None:
    asked = domain(Stage.SHADOW, remote="timeout", failures=2)
    for _ in range(4):
        asked.read()
    asked.flags.current = Stage.LIVE
    asked.remote.outcome = Answer()
    assert asked.read().origin is Origin.LAMBDA


def test_after_the_rest_one_success_closes_the_circuit() -> None:
    asked = domain(Stage.LIVE, remote="unavailable", failures=1, reset=0.05)
    asked.read()
    assert asked.read().fell_back
    asked.remote.outcome = Answer(text="back")
    assert eventually(lambda: asked.read().origin is Origin.LAMBDA)
    assert asked.breaker.state == "closed"


def test_the_call_is_recorded_before_its_comparison() -> None:
    asked = domain(Stage.LIVE)
    asked.read()
    assert [type(record).__name__ for record in asked.records.kept] == ["CallRecord", "ComparisonRecord"]


# A legacy function for visitors only, and sides with pending writes


def test_legacy_may_answer_in_another_way_than_it_is_compared() -> None:
    answering = FakeSide(Answer(text="with a model"))
    shadowed = domain(Stage.SHADOW, options={"answering_legacy": answering})
    assert shadowed.read().value.text == "with a model"
    live = domain(Stage.LIVE, options={"answering_legacy": answering})
    assert live.read().value == Answer()
    assert live.records.comparisons[0].outcome == "match"
    fallen_back = domain(Stage.LIVE, remote="timeout", options={"answering_legacy": answering})
    assert fallen_back.read().value.text == "with a model"


KEYED = {"key": lambda request: request.text}


@pytest.mark.parametrize("stage", list(Stage))
def test_a_side_with_pending_writes_does_not_answer_and_is_not_compared(stage: Stage) -> None:
    owing = Origin(ANSWERED_BY[stage])
    asked = domain(stage, ledger=FakeLedger(frozenset({owing})), options=KEYED)
    routed = asked.read()
    assert routed.origin is not owing
    assert (routed.reason, routed.fell_back) == (f"writes pending on {owing}", False)
    assert asked.records.comparisons == []
    assert len(asked.remote.calls) + len(asked.legacy.calls) == 1


@pytest.mark.parametrize("stage", [stage for stage in Stage if ANSWERED_BY[stage] == Origin.LEGACY])
def test_legacy_with_pending_writes_answers_if_lambda_cannot(stage: Stage) -> None:
    asked = domain(stage, remote="timeout", ledger=FakeLedger(frozenset({Origin.LEGACY})), options=KEYED)
    routed = asked.read()
    assert (routed.value, routed.origin, routed.fell_back) == (Answer(), Origin.LEGACY, True)
    assert routed.reason.startswith("Timeout: ")


@pytest.mark.parametrize("stage", COMPARED)
def test_a_comparison_with_a_side_with_pending_writes_is_ignored(stage: Stage) -> None:
    other = Origin.LAMBDA if stage is Stage.SHADOW else Origin.LEGACY
    asked = domain(stage, ledger=FakeLedger(frozenset({other})), options=KEYED)
    assert asked.read().reason == "default"
    (comparison,) = asked.records.comparisons
    assert (comparison.outcome, comparison.layer) == ("ignored", "pending")


@pytest.mark.parametrize("stage", list(Stage))
def test_when_the_ledger_cannot_be_read_the_stages_own_side_answers(stage: Stage) -> None:
    asked = domain(stage, ledger=FakeLedger(readable=False), options=KEYED)
    assert asked.read().origin == ANSWERED_BY[stage]


# Sampling


@pytest.mark.parametrize("stage", COMPARED)
def test_a_call_that_is_not_sampled_runs_no_other_side_and_is_recorded_as_a_call_alone(stage: Stage) -> None:
    asked = domain(stage)
    asked.flags.chosen["shadow-sample"] = 0
    assert asked.read().value == Answer()
    assert len(asked.remote.calls) + len(asked.legacy.calls) == 1
    assert (len(asked.records.calls), asked.records.comparisons, asked.pool.submitted) == (1, [], 0)


def test_about_as_many_are_compared_as_the_flag_says() -> None:
    asked = domain(Stage.SHADOW)
    asked.flags.chosen["shadow-sample"] = 10
    for _ in range(2000):
        asked.read()
    assert 100 < len(asked.records.comparisons) < 320  # 200 expected; further off once in 10**11 runs
    assert len(asked.records.calls) == 2000


def test_a_fallback_is_recorded_as_a_comparison_whatever_the_sample() -> None:
    asked = domain(Stage.LIVE, remote="timeout")
    asked.flags.chosen["shadow-sample"] = 0
    assert asked.read().fell_back
    assert [comparison.outcome for comparison in asked.records.comparisons] == ["lambda_error"]


# What is kept


@pytest.mark.parametrize("stage", COMPARED)
def test_a_mismatch_keeps_both_views_and_versions_legacys_first(stage: Stage) -> None:
    asked = domain(stage)
    asked.remote.outcome = Answer(text="no")
    asked.read("why")
    (comparison,) = asked.records.comparisons
    assert comparison.views == ({"text": "yes"}, {"text": "no"})
    assert comparison.versions == {"legacy_corpus": "v1", "lambda_corpus": "v1"}
    assert comparison.request.text == asked.records.calls[0].request.text == "why"


@pytest.mark.parametrize(("remote", "legacy"), [("value", "value"), ("timeout", "value"), ("not found", "value")])
def test_nothing_but_a_mismatch_of_answers_keeps_views(remote: str, legacy: str) -> None:
    asked = domain(Stage.SHADOW, remote, legacy)
    asked.read()
    assert [comparison.views for comparison in asked.records.comparisons] == [None]


# Letting visitors by


def test_a_comparison_lets_visitors_by_but_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_router, "_PATIENCE_SECONDS", 0.2)
    gate = threading.Event()
    pool = ShadowPool(workers=1, queue_size=5, timeout=10.0)
    asked = RoutedDomain(Stage.SHADOW, pool=pool)
    slow = FakeSide(gate=gate)
    other = RoutedDomain(Stage.LEGACY, legacy=slow)
    visitor = threading.Thread(target=asked.router.read, args=(other.operation, Question(), "someone"))
    asked.flags.current = Stage.LEGACY
    visitor.start()
    assert slow.entered.wait(5)
    asked.flags.current = Stage.SHADOW
    started = time.monotonic()
    asked.read()
    assert asked.remote.calls == []
    assert eventually(lambda: asked.records.comparisons)
    assert time.monotonic() - started >= 0.4  # before it asks and before it compares
    gate.set()
    visitor.join(5)
    pool.close()
