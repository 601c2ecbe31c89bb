"""Running both sides of many requests: every outcome lands in the right count, and mismatches can be looked at."""

import json
import threading
from typing import Any

import pytest

from backend_clients.errors import NotFound, RateLimited, Timeout, Unavailable
from backend_clients.http.session import ApiResponse
from backend_clients.migration.mismatches.allowlist import Allowlist, AllowlistEntry
from backend_clients.migration.mismatches.replay import NotReplayable, ParityResult
from backend_clients.routing.comparison import Comparison
from backend_clients.routing.observation import Observation
from backend_clients.routing.read_router import Operation
from backend_clients.stages import Outcome
from operations.parity.runner import SHOWN_MISMATCHES, GeneratedRequest, ParityTally, compare_requests
from tests.support.sides.routed import Answer, FakeLambda, FakeSide, Question, endpoint


def operation(legacy: object = None, remote: object = None, **options: object) -> Operation:
    sides = FakeSide(legacy or Answer()), FakeLambda(remote or Answer())
    return Operation(endpoint(), *sides, lambda answer: {"text": answer.text}, **options)


def ask(made: Operation, *texts: str) -> ParityTally:
    return compare_requests("quiz", [GeneratedRequest(made, Question(text=text)) for text in texts], lambda: None)


@pytest.mark.parametrize(
    ("legacy", "remote", "counted", "outcome"),
    [
        (Answer(), Answer(), "matched", Outcome.MATCH),
        (NotFound("x"), NotFound("y"), "matched", Outcome.MATCH),
        (Answer(text="a"), Answer(text="b"), "mismatched", Outcome.MISMATCH),
        (NotFound("x"), Answer(), "mismatched", Outcome.MISMATCH),
        (Answer(), Answer(corpus_version="v2"), "errors", Outcome.VERSION_SKEW),
        (Unavailable("x"), Answer(), "errors", Outcome.LEGACY_ERROR),
        (Answer(), Timeout("x"), "errors", Outcome.LAMBDA_ERROR),
        (Answer(), RateLimited("x"), "errors", Outcome.LAMBDA_ERROR),
        (Unavailable("x"), Unavailable("x"), "errors", Outcome.BOTH_ERROR),
        (ZeroDivisionError("a bug"), Answer(), "errors", Outcome.LEGACY_ERROR),
        (Answer(), KeyError("a bug"), "errors", Outcome.LAMBDA_ERROR),
    ],
)
def test_an_outcome_is_counted_where_it_belongs(legacy: object, remote: object, counted: str, outcome: Outcome) -> None:
    tally = ask(operation(legacy, remote), "?")
    found = tally.as_json()
    counts = {name: found[name] for name in ("matched", "mismatched", "ignored", "errors")}
    assert counts == {"matched": 0, "mismatched": 0, "ignored": 0, "errors": 0, counted: 1}
    assert found["compared"] == 1
    assert tally.clean is (counted == "matched")
    assert [item["outcome"] for item in found["first_mismatches"]] == ([] if tally.clean else [outcome.value])


def test_the_lambda_side_is_asked_as_a_shadow() -> None:
    made = operation()
    ask(made, "?")
    assert made.remote.shadows == [True]


def test_the_first_mismatches_are_shown_in_the_order_of_the_requests() -> None:
    tally = ask(operation(Answer(text="yes"), Answer(text="no")), *(str(number) for number in range(20)))
    shown = tally.as_json()["first_mismatches"]
    assert [item["request"] for item in shown] == [{"text": str(number)} for number in range(SHOWN_MISMATCHES)]
    assert shown[0] == {
        "operation": "ask",
        "request": {"text": "0"},
        "outcome": "mismatch",
        "layer": "text",
        "differences": ['values_changed root: {"new_value": "no", "old_value": "yes"}'],
    }
    assert tally.as_json()["mismatched"] == 20


def test_the_result_is_json_of_the_documented_shape() -> None:
    tally = ask(operation(Answer(text="€"), Timeout("x")), "?", "?")
    found = json.loads(json.dumps(tally.as_json()))
    counts = {"compared": 2, "matched": 0, "mismatched": 0, "ignored": 0, "errors": 2}
    assert {name: found[name] for name in ("domain", *counts)} == {"domain": "quiz", **counts}
    assert len(found["first_mismatches"]) == 2


def test_nothing_to_compare_is_clean() -> None:
    nothing = {"p50": None, "p95": None, "count": 0}
    assert ask(operation()).as_json() == {
        "domain": "quiz",
        "compared": 0,
        "matched": 0,
        "mismatched": 0,
        "ignored": 0,
        "errors": 0,
        "first_mismatches": [],
        "accepted": 0,
        "latency_ms": {"legacy": nothing, "lambda": nothing | {"cold_starts": 0}},
        "layers": [],
        "versions": {},
    }


def test_each_comparison_is_reported_and_a_few_run_concurrently() -> None:
    together = threading.Barrier(2, timeout=10)

    def slow(request: Question, *, shadow: bool = False) -> ApiResponse[Answer]:
        together.wait()
        return ApiResponse(Answer())

    made = Operation(endpoint(), lambda _: Answer(), slow, lambda answer: {"text": answer.text})
    told: list[int] = []
    tally = compare_requests("quiz", [GeneratedRequest(made, Question())] * 4, lambda: told.append(1))
    assert (len(told), tally.clean) == (4, True)


def test_a_domain_without_a_legacy_side_cannot_be_compared() -> None:
    made = Operation(endpoint(), None, FakeLambda(), lambda answer: {})
    with pytest.raises(NotReplayable, match="quiz has no legacy side"):
        ask(made, "?")


NOT_MEASURED: Observation[Any] = Observation(0.0)


def test_an_outcome_that_is_new_counts_as_an_error() -> None:
    tally = ParityTally("quiz")
    tally.add(
        GeneratedRequest(operation(), Question()), ParityResult(Comparison(Outcome.DROPPED), NOT_MEASURED, NOT_MEASURED)
    )
    assert (tally.as_json()["errors"], tally.clean) == (1, False)


ACCEPTED = {
    "domain": "search",
    "layer": "text",
    "path": "$",
    "kind": "values_changed",
    "reason": "x",
    "date": "2026-11-23",
    "expires": "2999-01-01",
}


def test_an_accepted_mismatch_is_counted_and_fails_nothing_and_another_still_does() -> None:
    made = Operation(
        endpoint("search", "hybrid"), FakeSide(), FakeLambda(Answer(text="no")), lambda answer: {"text": answer.text}
    )
    other = Operation(
        endpoint("search", "keyword"), FakeSide(), FakeLambda(Answer(text="no")), lambda answer: {"other": answer.text}
    )
    allowed = Allowlist([AllowlistEntry(**ACCEPTED)])
    items = [GeneratedRequest(made, Question()), GeneratedRequest(made, Question())]
    tally = compare_requests("search", items, lambda: None, allowed)
    assert (tally.as_json()["mismatched"], tally.accepted, tally.first_mismatches, tally.clean) == (2, 2, [], True)
    tally = compare_requests("search", [*items, GeneratedRequest(other, Question())], lambda: None, allowed)
    assert (tally.as_json()["mismatched"], tally.accepted, tally.clean) == (3, 2, False)
    assert [item["layer"] for item in tally.first_mismatches] == ["other"]
    assert [item.layer for item in tally.findings] == ["text", "text", "other"]


def test_latencies_are_of_answers_and_refusals_and_leave_cold_starts_and_failures_out() -> None:
    cold = operation()
    cold.remote.cold_start = True
    items = [GeneratedRequest(made, Question()) for made in (operation(), cold, operation(remote=Timeout("x")))]
    items.append(GeneratedRequest(operation(NotFound("x"), NotFound("y")), Question()))
    found = compare_requests("quiz", items, lambda: None).as_json()["latency_ms"]
    assert (found["legacy"]["count"], found["lambda"]["count"], found["lambda"]["cold_starts"]) == (4, 2, 1)
    assert 0 <= found["legacy"]["p50"] <= found["legacy"]["p95"]


def test_the_versions_are_those_that_the_answers_say() -> None:
    assert ask(operation(Unavailable("x"), Answer(corpus_version="v2")), "?").versions == {"lambda_corpus": "v2"}
    assert ask(operation()).versions == {}
    assert ask(operation(), "?").versions == {"legacy_corpus": "v1", "lambda_corpus": "v1"}
