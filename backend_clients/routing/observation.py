"""Observes one side of a call: its value or error, and its latency."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from backend_clients.errors import BackendError, RateLimited, Unavailable
from backend_clients.http.session import ApiResponse

_log = logging.getLogger(__name__)
T = TypeVar("T")
A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Observation(Generic[T]):
    """One side's value or error, with its latency in milliseconds."""

    latency_ms: float
    value: T | None = None
    error: BackendError | None = None
    cold_start: bool = False

    @property
    def corpus_version(self) -> str:
        """The corpus of the answer, or that in which something was not found; "" if it has none."""
        return str(getattr(self.value if self.error is None else self.error, "corpus_version", ""))

    @property
    def failed(self) -> bool:
        """Whether the side itself failed; a rejected request (4xx) is an answer, except rate limiting (429)."""
        return isinstance(self.error, Unavailable | RateLimited)


def observe(side: Callable[[], ApiResponse[A]], *, contain: bool = False) -> Observation[A]:
    """Call a side. An unexpected exception counts as `Unavailable`; `contain` catches even `SystemExit`."""
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


def versions_of(legacy: Observation[Any] | None, remote: Observation[Any] | None) -> dict[str, str]:
    """The code version and corpus version of each side's answer, where present."""
    return {
        f"{name}_{part}": str(version)
        for name, side in (("legacy", legacy), ("lambda", remote))
        for part in ("corpus", "code")
        if (version := getattr((side.error or side.value) if side else None, f"{part}_version", ""))
    }


def ms_since(started: float) -> float:
    """Milliseconds elapsed since `started`, a reading of `time.perf_counter`."""
    return (time.perf_counter() - started) * 1000.0


def fault_text(error: BackendError | None) -> str:
    """Format an error's type and message for the record."""
    return f"{type(error).__name__}: {error}"
