"""Watching one side of a call: what it answered or how it failed, and in what time."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from backend_clients.errors import BackendError, RateLimited, Unavailable
from backend_clients.http.session import ApiResponse

_log = logging.getLogger(__name__)
T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Observation(Generic[T]):
    """What one side did: a value or an error, in how many milliseconds."""

    latency_ms: float
    value: T | None = None
    error: BackendError | None = None
    cold_start: bool = False

    @property
    def failed(self) -> bool:
        """Whether the side itself failed; a refusal of the request is an answer, being at its limit (429) is not."""
        return isinstance(self.error, Unavailable | RateLimited)


def observe(side: Callable[[], ApiResponse[A]], *, contain: bool = False) -> Observation[A]:
    """Call a side. An unforeseen exception counts as the side being down; `contain` keeps even `SystemExit` inside."""
    started = time.perf_counter()
    try:
        served = side()
    except BackendError as error:
        return Observation(ms_since(started), error=error)
    except BaseException as error:
        if not (contain or isinstance(error, Exception)):
            raise
        _log.exception("a side failed in an unforeseen way")
        unexpected = Unavailable("something went wrong")
        unexpected.__cause__ = error
        return Observation(ms_since(started), error=unexpected)
    return Observation(ms_since(started), served.value, cold_start=served.cold_start)


def ms_since(started: float) -> float:
    """Milliseconds since a reading of `time.perf_counter`."""
    return (time.perf_counter() - started) * 1000.0
