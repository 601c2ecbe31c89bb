"""The circuit breaker: what opens it, what it spares, and how it recovers."""

import contextlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend_clients.errors import (
    BackendError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.routing.breaker import Breaker, CircuitOpen
from tests.support.sides.routed import eventually


class Side:
    """Fails with `error` while it has one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.error:
            raise self.error
        return "ok"


def call(breaker: Breaker, side: Side, times: int = 1) -> None:
    for _ in range(times):
        with contextlib.suppress(BackendError):
            breaker.call(side)


def test_a_value_passes_through() -> None:
    assert Breaker("d", 2, 30.0).call(Side()) == "ok"


@pytest.mark.parametrize(
    "error",
    [Unavailable("x"), Timeout("x"), ContractViolation("x"), RateLimited("x"), ZeroDivisionError("x")],
    ids=lambda error: type(error).__name__,
)
def test_a_side_that_failed_counts_and_its_own_error_is_raised_even_by_the_call_that_trips(error: Exception) -> None:
    breaker, side = Breaker("d", 2, 30.0), Side(error)
    for _ in range(2):
        with pytest.raises(type(error)) as raised:
            breaker.call(side)
        assert raised.value is error
    assert breaker.state == "open"
    with pytest.raises(CircuitOpen):
        breaker.call(side)
    assert side.calls == 2


@pytest.mark.parametrize("error", [NotFound("x"), InvalidRequest("x")], ids=lambda error: type(error).__name__)
def test_a_refusal_is_an_answer_and_never_opens_the_circuit(error: Exception) -> None:
    breaker, side = Breaker("d", 2, 30.0), Side(error)
    call(breaker, side, times=10)
    assert breaker.state == "closed"
    assert side.calls == 10


@pytest.mark.parametrize("between", [None, NotFound("x")])
def test_only_failures_in_a_row_count(between: Exception | None) -> None:
    breaker, failing, answering = Breaker("d", 2, 30.0), Side(Timeout("x")), Side(between)
    for _ in range(5):
        call(breaker, failing)
        call(breaker, answering)
    assert breaker.state == "closed"


def test_an_open_circuit_counts_as_the_side_being_down() -> None:
    assert issubclass(CircuitOpen, Unavailable)


def test_one_failure_after_the_rest_opens_the_circuit_again() -> None:
    breaker, side = Breaker("d", 2, 0.05), Side(Timeout("x"))
    call(breaker, side, times=2)
    assert eventually(lambda: call(breaker, side) or side.calls == 3)
    assert breaker.state == "open"


def test_one_success_after_the_rest_closes_the_circuit() -> None:
    breaker, side = Breaker("d", 1, 0.05), Side(Timeout("x"))
    call(breaker, side)
    side.error = None
    assert eventually(lambda: call(breaker, side) or side.calls == 2)
    assert breaker.state == "closed"


@pytest.mark.parametrize("error", [None, Timeout("x")], ids=["answers", "fails"])
def test_one_trial_call_reaches_a_resting_side_and_the_others_fail_at_once(error: Exception | None) -> None:
    breaker, gate, inside = Breaker("d", 1, 0.05), threading.Event(), threading.Event()
    call(breaker, Side(Timeout("x")))

    def trial() -> str:
        inside.set()
        gate.wait(10)
        return Side(error)()

    def one() -> str:
        try:
            return breaker.call(trial)
        except CircuitOpen:
            return "at once"
        except Timeout:
            return "late"

    time.sleep(0.1)
    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(one) for _ in range(10)]
        assert inside.wait(5)
        assert eventually(lambda: sum(answer.done() for answer in answers) == 9)
        gate.set()
    told = sorted(answer.result() for answer in answers)
    assert told == sorted(["late" if error else "ok", *["at once"] * 9])
    assert breaker.state == ("open" if error else "closed")


def test_a_circuit_is_tried_again_after_a_trial_that_failed_and_by_one_that_was_rejected() -> None:
    breaker, side = Breaker("d", 1, 0.05), Side(Timeout("x"))
    call(breaker, side)
    for calls in (2, 3):
        assert eventually(lambda calls=calls: call(breaker, side) or side.calls == calls)
    side.error = NotFound("x")
    assert eventually(lambda: call(breaker, side) or side.calls == 4)
    assert breaker.state == "closed"


def test_a_slow_call_does_not_hold_up_another() -> None:
    breaker, gate, inside = Breaker("d", 2, 30.0), threading.Event(), threading.Event()

    def slow() -> None:
        inside.set()
        gate.wait(10)

    thread = threading.Thread(target=breaker.call, args=(slow,))
    thread.start()
    assert inside.wait(5)
    assert breaker.call(Side()) == "ok"
    assert thread.is_alive()
    gate.set()
    thread.join(5)
    assert not thread.is_alive()


def test_domains_have_circuits_of_their_own() -> None:
    one, other = Breaker("one", 1, 30.0), Breaker("other", 1, 30.0)
    call(one, Side(Timeout("x")))
    assert (one.state, other.state) == ("open", "closed")


def test_a_change_of_state_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        call(Breaker("stories", 1, 30.0), Side(Timeout("x")))
    assert "circuit of stories: open" in caplog.messages


# Shadow calls


def test_failing_shadow_calls_rest_and_open_the_circuit_of_no_visitor() -> None:
    breaker, side = Breaker("d", 2, 30.0), Side(Timeout("x"))
    for _ in range(5):
        with contextlib.suppress(BackendError):
            breaker.call(side, shadow=True)
    assert (side.calls, breaker.state) == (2, "closed")
    side.error = None
    assert breaker.call(side) == "ok"


def test_shadow_calls_that_succeed_hide_no_failures_from_a_visitors_circuit() -> None:
    breaker, failing, answering = Breaker("d", 2, 30.0), Side(Timeout("x")), Side()
    call(breaker, failing)
    assert breaker.call(answering, shadow=True) == "ok"
    call(breaker, failing)
    assert breaker.state == "open"
    assert breaker.call(answering, shadow=True) == "ok"


def test_the_log_tells_whose_circuit_opened(caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker("stories", 1, 30.0)
    with caplog.at_level(logging.WARNING), contextlib.suppress(BackendError):
        breaker.call(Side(Timeout("x")), shadow=True)
    assert caplog.messages == ["circuit of stories (shadow): open"]
