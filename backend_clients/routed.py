"""An answer and how it came about."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Origin(StrEnum):
    """The side that made an answer."""

    LEGACY = "legacy"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Routed(Generic[T]):
    """A value with the side that made it, the stage in force, and why that side.

    `latency_ms` is what the caller waited, on a monotonic clock. `fell_back` says that Lambda should have answered but
    could not; `reason` then names the fault.
    """

    value: T
    origin: Origin
    stage: str
    reason: str
    latency_ms: float
    fell_back: bool = False
    cold_start: bool = False
