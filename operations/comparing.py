"""Running both sides of generated requests and counting what came of it."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.http import Served
from backend_clients.routing.comparison import Comparison, Outcome, compare
from backend_clients.routing.observation import observe
from backend_clients.routing.router import Operation

SHOWN_MISMATCHES: Final = 5
_WORKERS: Final = 4


@dataclass(frozen=True)
class GeneratedRequest:
    """A request and the operation it goes to."""

    operation: Operation[Any, Any]
    request: BaseModel


@dataclass
class Tally:
    """Counts of one domain's comparisons. A version skew is an error here: nothing was compared."""

    domain: str
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    first_mismatches: list[dict[str, Any]] = field(default_factory=list)

    def add(self, item: GeneratedRequest, comparison: Comparison) -> None:
        self.outcomes[comparison.outcome] = self.outcomes.get(comparison.outcome, 0) + 1
        fine = comparison.outcome in (Outcome.MATCH, Outcome.IGNORED)
        if not fine and len(self.first_mismatches) < SHOWN_MISMATCHES:
            self.first_mismatches.append(
                {
                    "operation": item.operation.name,
                    "request": item.request.model_dump(mode="json", exclude_defaults=True),
                    "outcome": comparison.outcome.value,
                    "layer": comparison.layer,
                    "differences": list(comparison.differences),
                }
            )

    @property
    def clean(self) -> bool:
        return set(self.outcomes) <= {Outcome.MATCH, Outcome.IGNORED}

    def as_json(self) -> dict[str, Any]:
        count = self.outcomes.get
        known = {Outcome.MATCH, Outcome.MISMATCH, Outcome.IGNORED}
        return {
            "domain": self.domain,
            "compared": sum(self.outcomes.values()),
            "matched": count(Outcome.MATCH, 0),
            "mismatched": count(Outcome.MISMATCH, 0),
            "ignored": count(Outcome.IGNORED, 0),
            "errors": sum(number for outcome, number in self.outcomes.items() if outcome not in known),
            "first_mismatches": self.first_mismatches,
        }


def compare_requests(domain: str, items: Iterable[GeneratedRequest], on_each: Callable[[], None]) -> Tally:
    """Ask both sides for every request, a few at a time, and compare the answers in order."""
    tally = Tally(domain)
    with ThreadPoolExecutor(_WORKERS) as pool:
        for item, comparison in pool.map(lambda item: (item, _compare(item)), items):
            tally.add(item, comparison)
            on_each()
    return tally


def _compare(item: GeneratedRequest) -> Comparison:
    operation, request = item.operation, item.request
    if operation.legacy is None:
        raise ValueError(f"{operation.domain} has no legacy side to compare with")
    if not operation.comparable(request):
        return Comparison(Outcome.IGNORED)
    legacy_side = operation.legacy
    legacy = observe(lambda: Served(legacy_side(request)))
    remote = observe(lambda: operation.remote(request, shadow=True))
    return compare(operation.layers, legacy, remote)
