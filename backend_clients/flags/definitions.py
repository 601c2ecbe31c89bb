"""The flags beyond the stages: what each may be, and what it is where the file does not say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T", str, int, bool)


@dataclass(frozen=True, slots=True)
class FlagDefinition(Generic[T]):
    """A flag that a file may leave out, which means its default."""

    flag: str
    allowed: Sequence[T]
    default: T

    def allows(self, value: object) -> bool:
        """Whether it may be this value; 1 is not `true`."""
        return type(value) is type(self.default) and value in self.allowed


SHADOW_SAMPLE: Final = FlagDefinition("shadow-sample", range(101), 100)
AUTO_ROLLBACK: Final = FlagDefinition("auto-rollback", (False, True), False)
DEFINITIONS: Final = (SHADOW_SAMPLE, AUTO_ROLLBACK)
