"""Runs shadow calls in the background: a bounded pool that drops tasks instead of delaying visitors."""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)


class ShadowPool:
    """Daemon threads with a bounded queue.

    Drops and counts a task if the queue is full, if it waits longer than `timeout` seconds, or if it still waits when
    the pool closes. Logs every exception of a task or its drop callback, `SystemExit` included.
    """

    def __init__(self, workers: int, queue_size: int, timeout: float) -> None:
        self._queue: queue.Queue[tuple[float, Callable[[], None], Callable[[], None]] | None] = queue.Queue(queue_size)
        self._timeout = timeout
        self._counting = threading.Lock()
        self.dropped = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"shadow-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Callable[[], None], on_drop: Callable[[], None]) -> None:
        """Queue a task; `on_drop` runs instead, now or later, if the task is dropped."""
        try:
            self._queue.put_nowait((time.monotonic() + self._timeout, task, on_drop))
        except queue.Full:
            self._drop(on_drop)

    def drain(self, timeout: float) -> bool:
        """Wait until every task has ended; returns False after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._queue.all_tasks_done.wait(remaining)
        return True

    def close(self) -> None:
        """Drop the queued tasks and wait up to a second for the running ones."""
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                self._drop(item[2])
            self._queue.task_done()
        ends = time.monotonic() + 1.0
        for _ in self._threads:
            with contextlib.suppress(queue.Full):  # stuck threads are daemons and end with the process
                self._queue.put(None, timeout=max(0.0, ends - time.monotonic()))
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            deadline, task, on_drop = item
            if time.monotonic() > deadline:
                self._drop(on_drop)
            else:
                _contained(task)
            self._queue.task_done()
        self._queue.task_done()

    def _drop(self, on_drop: Callable[[], None]) -> None:
        with self._counting:
            self.dropped += 1
        _contained(on_drop)


def _contained(task: Callable[[], None]) -> None:
    try:
        task()
    except BaseException:  # noqa: BLE001  a SystemExit in a comparer must not end the worker or the visitor's call
        _log.exception("a shadow task failed")


class InFlightRequests:
    """Counts visitor requests in flight, so that shadow calls can yield to them; entered for each request."""

    def __init__(self) -> None:
        self._waiting = 0
        self._change = threading.Condition()

    def __enter__(self) -> None:
        with self._change:
            self._waiting += 1

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._waiting -= 1
            if not self._waiting:
                self._change.notify_all()

    def wait_until_idle(self, patience: float) -> None:
        """Wait until no visitor request is in flight, for `patience` seconds at most."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting, patience)
