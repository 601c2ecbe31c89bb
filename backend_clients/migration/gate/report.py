"""The result of a gate: its conditions and the verdict on a step."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from backend_clients.stages import Stage


class Verdict(StrEnum):
    """The result of a condition or gate; `inconclusive` means too few records."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement of a step: figure, threshold and verdict."""

    name: str
    verdict: Verdict
    figure: str
    threshold: str
    window: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class GateReport:
    """The conditions of a step from `before`, the least advanced stage in force, to `target`."""

    domain: str
    before: Stage
    target: Stage
    conditions: tuple[Condition, ...]

    @property
    def verdict(self) -> Verdict:
        found = {condition.verdict for condition in self.conditions}
        return next((bad for bad in (Verdict.FAIL, Verdict.INCONCLUSIVE) if bad in found), Verdict.PASS)

    @property
    def reasons(self) -> list[str]:
        """One line for each condition that does not pass."""
        return [_line(condition) for condition in self.conditions if condition.verdict is not Verdict.PASS]

    def as_json(self) -> dict[str, Any]:
        return {
            "from": self.before.value,
            "to": self.target.value,
            "verdict": self.verdict.value,
            "conditions": [asdict(condition) for condition in self.conditions],
        }


def _line(condition: Condition) -> str:
    result = f"{condition.name} ({condition.verdict.value}): {condition.figure}, must be {condition.threshold}"
    return f"{result}; {condition.advice}" if condition.advice else result
