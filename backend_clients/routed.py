"""The result of a routed call: a value, its origin, the stage and the reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

HANDED_OFF: Final = "handed off"  # begins the reason of a write that legacy took because Lambda could not

T = TypeVar("T")


class Origin(StrEnum):
    """The side that produced an answer."""

    LEGACY = "legacy"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Routed(Generic[T]):
    """A value with its origin, the stage in force, and the reason for that origin.

    `latency_ms` is the caller's waiting time on a monotonic clock. `fell_back` is True if Lambda was called first and
    failed; `reason` then names the fault.
    """

    value: T
    origin: Origin
    stage: str
    reason: str
    latency_ms: float
    fell_back: bool = False
    cold_start: bool = False
