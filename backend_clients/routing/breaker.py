"""A circuit breaker for each domain's Lambda side."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pybreaker

from backend_clients.errors import BackendError, RateLimited, Unavailable

_log = logging.getLogger(__name__)
T = TypeVar("T")


class CircuitOpen(Unavailable):
    """The Lambda side is not called for a while, after repeated failures."""


class Breaker:
    """Opens after `failures` in a row, tries one call after `reset` seconds. A 4xx other than 429 is no failure.

    Shadow calls have a circuit of their own: failed shadow calls open it too, but never block a visitor's call.
    """

    def __init__(self, domain: str, failures: int, reset: float) -> None:
        self._real, self._shadow = (
            pybreaker.CircuitBreaker(
                fail_max=failures,
                reset_timeout=reset,
                exclude=[_is_refusal],
                listeners=[_OneTrial(), _Log()],
                state_storage=_MonotonicStorage(pybreaker.STATE_CLOSED),
                name=name,
                throw_new_error_on_trip=False,
            )
            for name in (domain, f"{domain} (shadow)")
        )

    @property
    def state(self) -> str:
        """ "closed", "open" or "half-open", for calls that answer visitors."""
        return str(self._real.current_state)

    def call(self, function: Callable[[], T], *, shadow: bool = False) -> T:
        """Call through the breaker; raises `CircuitOpen` without calling while the circuit is open or being tried.

        `calling` is used because pybreaker's own `call` holds its lock for as long as the function runs.
        """
        try:
            with (self._shadow if shadow else self._real).calling():
                return function()
        except pybreaker.CircuitBreakerError as error:
            raise CircuitOpen("the Lambda side is resting after repeated failures") from error


class _MonotonicStorage(pybreaker.CircuitMemoryStorage):  # type: ignore[misc]
    """Measures the open time on a monotonic clock; a wall clock set back would keep the circuit open."""

    _since: float | None = None

    @property
    def opened_at(self) -> datetime | None:
        if self._since is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._since)

    @opened_at.setter
    def opened_at(self, _: datetime) -> None:
        self._since = time.monotonic()


class _OneTrial(pybreaker.CircuitBreakerListener):  # type: ignore[misc]
    """Admits a single trial call to a half-open circuit; pybreaker itself admits all calls until one ends.

    `before_call` runs under the breaker's lock, before the function; its exception propagates to the caller.
    """

    def __init__(self) -> None:
        self._trying = False

    def before_call(self, cb: pybreaker.CircuitBreaker, *_: object, **__: object) -> None:
        if cb.current_state != pybreaker.STATE_HALF_OPEN:
            return
        if self._trying:
            raise pybreaker.CircuitBreakerError("another call tries the circuit")
        self._trying = True

    def state_change(self, *_: object) -> None:
        self._trying = False


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, BackendError) and not isinstance(error, Unavailable | RateLimited)


class _Log(pybreaker.CircuitBreakerListener):  # type: ignore[misc]
    def state_change(self, cb: pybreaker.CircuitBreaker, old_state: object, new_state: object) -> None:  # noqa: ARG002
        _log.warning("circuit of %s: %s", cb.name, getattr(new_state, "name", new_state))
