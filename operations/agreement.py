"""In how many comparisons the sides agreed on each layer of their answers."""

from dataclasses import dataclass, field
from typing import Any, Final

from backend_clients.migration.differences import differing_layers
from backend_clients.migration.replay import Asked
from backend_clients.routing.comparison import Outcome
from backend_clients.routing.router import Operation

STATUS: Final = "status"


@dataclass
class Agreement:
    """Comparisons in which both sides answered or refused, counted for every layer, not for the first that differs."""

    compared: dict[tuple[str, str], int] = field(default_factory=dict)
    differing: dict[tuple[str, str], int] = field(default_factory=dict)
    _layers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, operation: Operation[Any, Any], asked: Asked) -> None:
        if asked.comparison.outcome not in (Outcome.MATCH, Outcome.MISMATCH):
            return
        both_answered = bool(asked.legacy and asked.remote and asked.legacy.error is asked.remote.error is None)
        different: set[str] = set()
        if asked.comparison.outcome is Outcome.MISMATCH:
            seen = asked.comparison.views
            different = {layer for layer, _ in differing_layers(*seen)} if seen else {STATUS}
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

    def _names(self, operation: Operation[Any, Any], asked: Asked) -> tuple[str, ...]:
        """The layers of an operation, which are the same in each of its answers."""
        if operation.name not in self._layers and asked.legacy is not None:
            self._layers[operation.name] = tuple(operation.layers(asked.legacy.value))
        return self._layers[operation.name]
