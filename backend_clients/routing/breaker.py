"""A circuit breaker for each domain's Lambda side."""

import logging
from collections.abc import Callable
from typing import TypeVar

import pybreaker

from backend_clients.errors import BackendError, RateLimited, Unavailable

_log = logging.getLogger(__name__)
T = TypeVar("T")


class CircuitOpen(Unavailable):
    """The Lambda side failed so often lately that it is not asked for a while."""


class Breaker:
    """Opens after `failures` in a row, tries again after `reset` seconds. A refusal (4xx, but 429) is no failure."""

    def __init__(self, domain: str, failures: int, reset: float) -> None:
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            reset_timeout=reset,
            exclude=[_is_refusal],
            listeners=[_Log()],
            name=domain,
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> str:
        """ "closed", "open" or "half-open"."""
        return str(self._breaker.current_state)

    def call(self, function: Callable[[], T]) -> T:
        """Call through the breaker; raises `CircuitOpen` without calling while the circuit is open.

        `calling` is used because pybreaker's own `call` holds its lock for as long as the function runs.
        """
        try:
            with self._breaker.calling():
                return function()
        except pybreaker.CircuitBreakerError as error:
            raise CircuitOpen("the Lambda side is resting after repeated failures") from error


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, BackendError) and not isinstance(error, Unavailable | RateLimited)


class _Log(pybreaker.CircuitBreakerListener):  # type: ignore[misc]
    def state_change(self, cb: pybreaker.CircuitBreaker, old_state: object, new_state: object) -> None:  # noqa: ARG002
        _log.warning("circuit of %s: %s", cb.name, getattr(new_state, "name", new_state))
