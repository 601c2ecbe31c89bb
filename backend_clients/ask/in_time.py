"""A model's pieces as they come, until it is too late for more."""

import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Thread
from typing import Final

from backend_clients.ask.model import ModelError

_AT_ONCE: Final = 32
_slots: Final = BoundedSemaphore(_AT_ONCE)


def in_time(pieces: Iterator[str], deadline: float) -> Iterator[str]:
    """The pieces that arrive before the deadline, by `time.monotonic()`.

    Time-outs of a connection end neither a server that drips nor the SDK's own waits and retries: pieces are read on a
    thread, which is left behind when the time is up. There are never more than a few of those.

    Raises
    ------
    ModelError
        The time is up; or whatever `pieces` raises.
    """
    if not _slots.acquire(blocking=False):
        raise ModelError("too many calls hang")
    arrived: SimpleQueue[str | BaseException | None] = SimpleQueue()
    left = Event()
    Thread(target=_read, args=(pieces, arrived, left), name="model", daemon=True).start()
    try:
        while (piece := _next(arrived, deadline)) is not None:
            yield piece
    finally:
        left.set()


def _read(pieces: Iterator[str], arrived: "SimpleQueue[str | BaseException | None]", left: Event) -> None:
    try:
        for piece in pieces:
            if left.is_set():
                return
            arrived.put(piece)
        arrived.put(None)
    except BaseException as error:  # noqa: BLE001  raised again where it is waited for
        arrived.put(error)
    finally:
        _slots.release()


def _next(arrived: "SimpleQueue[str | BaseException | None]", deadline: float) -> str | None:
    remaining = deadline - time.monotonic()
    try:
        piece = arrived.get(timeout=remaining) if remaining > 0 else None
    except Empty:
        remaining = 0.0
    if remaining <= 0:
        raise ModelError("no answer in time")
    if isinstance(piece, BaseException):
        raise piece
    return piece
