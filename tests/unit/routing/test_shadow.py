"""The pool for the other side: it drops rather than delays, and survives whatever a task does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend_clients.routing.shadow import ShadowPool
from tests.support.sides.routed import eventually


@contextmanager
def pool(workers: int = 1, queue_size: int = 10, timeout: float = 5.0) -> Iterator[ShadowPool]:
    made = ShadowPool(workers, queue_size, timeout)
    try:
        yield made
    finally:
        made.close()


class Block:
    """A task that holds a worker until it is released."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.gate = threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        self.gate.wait(10)


def nothing() -> None: ...


def test_tasks_run_off_the_callers_thread() -> None:
    ran: list[str] = []
    with pool() as shadows:
        shadows.submit(lambda: ran.append(threading.current_thread().name), nothing)
        assert shadows.drain(5.0)
    assert ran == ["shadow-0"]


def test_a_full_queue_drops_at_once_and_counts() -> None:
    block, ran, dropped = Block(), [], []
    with pool(queue_size=1) as shadows:
        shadows.submit(block, nothing)
        assert block.entered.wait(5)
        started = time.perf_counter()
        for number in range(4):
            shadows.submit(lambda number=number: ran.append(number), lambda number=number: dropped.append(number))
        assert time.perf_counter() - started < 1.0
        assert dropped == [1, 2, 3]
        assert shadows.dropped == 3
        block.gate.set()
        assert shadows.drain(5.0)
    assert ran == [0]


def test_a_task_that_waited_too_long_is_dropped_and_counted() -> None:
    block, ran, dropped = Block(), [], []
    with pool(timeout=0.05) as shadows:
        shadows.submit(block, nothing)
        assert block.entered.wait(5)
        shadows.submit(lambda: ran.append(1), lambda: dropped.append(1))
        time.sleep(0.1)
        block.gate.set()
        assert shadows.drain(5.0)
        assert (ran, dropped, shadows.dropped) == ([], [1], 1)


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), RuntimeError("x"), GeneratorExit()])
def test_whatever_a_task_raises_the_worker_goes_on(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    ran: list[int] = []

    def fail() -> None:
        raise error

    with pool() as shadows:
        shadows.submit(fail, nothing)
        shadows.submit(lambda: ran.append(1), nothing)
        assert shadows.drain(5.0)
    assert ran == [1]
    assert "a shadow task failed" in caplog.messages


def test_what_a_drop_raises_in_a_worker_is_contained_too() -> None:
    block, ran = Block(), []

    def fail() -> None:
        raise SystemExit(1)

    with pool(timeout=0.05) as shadows:
        shadows.submit(block, nothing)
        assert block.entered.wait(5)
        shadows.submit(nothing, fail)
        time.sleep(0.1)
        block.gate.set()
        assert shadows.drain(5.0)
        shadows.submit(lambda: ran.append(1), nothing)
        assert shadows.drain(5.0)
    assert ran == [1]


def test_what_a_drop_raises_does_not_reach_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    block = Block()

    def fail() -> None:
        raise RuntimeError("x")

    with pool(queue_size=1) as shadows:
        shadows.submit(block, nothing)
        assert block.entered.wait(5)
        shadows.submit(nothing, nothing)
        shadows.submit(nothing, fail)
        assert shadows.dropped == 1
        block.gate.set()
    assert "a shadow task failed" in caplog.messages


def test_draining_a_busy_pool_gives_up_in_time() -> None:
    block = Block()
    with pool() as shadows:
        shadows.submit(block, nothing)
        assert not shadows.drain(0.05)
        block.gate.set()
        assert shadows.drain(5.0)


def test_several_workers_run_side_by_side() -> None:
    blocks = [Block() for _ in range(3)]
    with pool(workers=3) as shadows:
        for block in blocks:
            shadows.submit(block, nothing)
        assert all(block.entered.wait(5) for block in blocks)
        for block in blocks:
            block.gate.set()


def test_closing_drops_the_waiting_tasks_and_ends_the_workers() -> None:
    block, ran, dropped = Block(), [], []
    shadows = ShadowPool(1, 10, 5.0)
    shadows.submit(block, nothing)
    assert block.entered.wait(5)
    for number in range(5):
        shadows.submit(lambda: ran.append(1), lambda number=number: dropped.append(number))
    threading.Timer(0.1, block.gate.set).start()
    shadows.close()
    assert (ran, dropped, shadows.dropped) == ([], [0, 1, 2, 3, 4], 5)
    assert eventually(lambda: not any(thread.name == "shadow-0" for thread in threading.enumerate()))


def test_closing_does_not_hang_on_stuck_workers_with_a_short_queue() -> None:
    blocks = [Block(), Block()]
    shadows = ShadowPool(workers=2, queue_size=1, timeout=5.0)
    for block in blocks:
        shadows.submit(block, nothing)
        assert block.entered.wait(5)
    started = time.perf_counter()
    shadows.close()
    assert time.perf_counter() - started < 3.0
    for block in blocks:
        block.gate.set()
