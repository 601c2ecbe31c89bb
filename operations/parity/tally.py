"""Tallies of a parity run: agreement by layer, findings and latencies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.migration.mismatches.causes import differing_layers
from backend_clients.migration.mismatches.replay import ParityResult
from backend_clients.records.reader import StoredComparison
from backend_clients.records.statistics import percentile
from backend_clients.routing.read_router import Operation, comparison_record
from backend_clients.stages import Outcome

STATUS: Final = "status"


@dataclass
class Agreement:
    """Agreement per layer over comparisons without failures; counts every layer, not only the first that differs."""

    compared: dict[tuple[str, str], int] = field(default_factory=dict)
    differing: dict[tuple[str, str], int] = field(default_factory=dict)
    _layers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, operation: Operation[Any, Any], asked: ParityResult) -> None:
        if asked.comparison.outcome not in (Outcome.MATCH, Outcome.MISMATCH):
            return
        both_answered = asked.legacy.error is asked.remote.error is None
        different: set[str] = set()
        if asked.comparison.outcome is Outcome.MISMATCH:
            views = asked.comparison.views
            different = {layer for layer, _ in differing_layers(*views)} if views else {STATUS}
        for layer in (STATUS, *(self._names(operation, asked) if both_answered else ())):
            key = operation.name, layer
            self.compared[key] = self.compared.get(key, 0) + 1
            self.differing[key] = self.differing.get(key, 0) + (layer in different)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "operation": operation,
                "layer": layer,
                "compared": count,
                "alike": count - self.differing[operation, layer],
            }
            for (operation, layer), count in self.compared.items()
        ]

    def _names(self, operation: Operation[Any, Any], asked: ParityResult) -> tuple[str, ...]:
        """The layers of an operation, which are the same in each of its answers."""
        if operation.name not in self._layers:
            self._layers[operation.name] = tuple(operation.layers(asked.legacy.value))
        return self._layers[operation.name]


STAGE: Final = "parity run"


def finding(operation: Operation[Any, Any], request: BaseModel, asked: ParityResult) -> StoredComparison:
    """Convert a comparison to a stored one with the number 0."""
    return StoredComparison.of(
        comparison_record(operation, request, STAGE, asked.comparison, asked.legacy, asked.remote)
    )


@dataclass
class Latencies:
    """Latencies of each side in milliseconds, without cold starts, which are counted."""

    legacy: list[float] = field(default_factory=list)
    remote: list[float] = field(default_factory=list)
    cold_starts: int = 0

    def add(self, asked: ParityResult) -> None:
        if not asked.legacy.failed:
            self.legacy.append(asked.legacy.latency_ms)
        if asked.remote.failed:
            return
        if asked.remote.cold_start:
            self.cold_starts += 1
        else:
            self.remote.append(asked.remote.latency_ms)

    def as_json(self) -> dict[str, Any]:
        return {"legacy": summary(self.legacy), "lambda": {**summary(self.remote), "cold_starts": self.cold_starts}}


def summary(latencies: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, None if nothing was measured."""
    ordered = sorted(latencies)
    p50, p95 = percentile(ordered, 0.50), percentile(ordered, 0.95)
    return {"p50": p50 and round(p50, 2), "p95": p95 and round(p95, 2), "count": len(ordered)}
