"""Deadlines for calls into libraries that may wait longer, through their own retries, than a visitor should."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What `call` returns or raises. One that takes too long is left to itself.

    Raises
    ------
    TimeoutError
        It took longer than `seconds`.
    """
    running = _Running(call)
    threading.Thread(target=running.run, daemon=True).start()
    return running.outcome(seconds)


class _Running(Generic[Result]):
    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._outcome: queue.SimpleQueue[tuple[Result, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            self._outcome.put((self._call(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._outcome.put((None, error))

    def outcome(self, seconds: float) -> Result:
        try:
            result, error = self._outcome.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"no answer within {seconds:g} seconds") from None
        if error is not None:
            raise error
        return result  # type: ignore[return-value] - there is a result where there is no error
