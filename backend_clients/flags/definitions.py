"""Flags other than stages: the allowed values and the default of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T", str, int, bool)


@dataclass(frozen=True, slots=True)
class FlagDefinition(Generic[T]):
    """An optional flag; a file without it means its default."""

    flag: str
    allowed: Sequence[T]
    default: T

    def allows(self, value: object) -> bool:
        """Whether the value is allowed; 1 is not `true`."""
        return type(value) is type(self.default) and value in self.allowed


SHADOW_SAMPLE: Final = FlagDefinition("shadow-sample", range(101), 100)
AUTO_ROLLBACK: Final = FlagDefinition("auto-rollback", (False, True), False)
DEFINITIONS: Final = (SHADOW_SAMPLE, AUTO_ROLLBACK)
