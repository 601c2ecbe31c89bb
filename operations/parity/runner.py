"""Runs requests on both sides and counts the outcomes."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.migration.mismatches.allowlist import Allowlist
from backend_clients.migration.mismatches.replay import ParityResult, compare_sides
from backend_clients.records.reader import StoredComparison
from backend_clients.routing.observation import versions_of
from backend_clients.routing.read_router import Operation
from backend_clients.stages import Outcome
from operations.parity.tally import Agreement, Latencies, finding

SHOWN_MISMATCHES: Final = 5
_KEPT_FINDINGS: Final = 500
_FINE: Final = (Outcome.MATCH, Outcome.IGNORED)
_WORKERS: Final = 4


@dataclass(frozen=True)
class GeneratedRequest:
    """A request and its operation."""

    operation: Operation[Any, Any]
    request: BaseModel


@dataclass
class ParityTally:
    """The outcomes of a domain's comparisons. A version skew counts as an error: nothing was compared.

    `accepted` counts mismatches on the allow-list; `mismatched` includes them. `findings` are the first few hundred
    comparisons with a mismatch or error.
    """

    domain: str
    allowed: Allowlist = field(default_factory=Allowlist)
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    accepted: int = 0
    first_mismatches: list[dict[str, Any]] = field(default_factory=list)
    findings: list[StoredComparison] = field(default_factory=list)
    latencies: Latencies = field(default_factory=Latencies)
    agreement: Agreement = field(default_factory=Agreement)
    versions: dict[str, str] = field(default_factory=dict)

    def add(self, item: GeneratedRequest, asked: ParityResult) -> None:
        outcome = asked.comparison.outcome
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        self.latencies.add(asked)
        self.agreement.add(item.operation, asked)
        self.versions |= versions_of(asked.legacy, asked.remote)
        if outcome not in _FINE:
            self._keep(finding(item.operation, item.request, asked))

    def _keep(self, found: StoredComparison) -> None:
        if len(self.findings) < _KEPT_FINDINGS:
            self.findings.append(found)
        if found.outcome == Outcome.MISMATCH and self.allowed.accepted_reason(found):
            self.accepted += 1
        elif len(self.first_mismatches) < SHOWN_MISMATCHES:
            shown = ("operation", "request", "outcome", "layer")
            self.first_mismatches.append(
                {**{name: getattr(found, name) for name in shown}, "differences": list(found.differences)}
            )

    @property
    def clean(self) -> bool:
        """Whether every comparison was a match, ignored, or an accepted mismatch."""
        counts = self.as_json()
        return bool(counts["errors"] == 0 and counts["mismatched"] == counts["accepted"])

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
            "accepted": self.accepted,
            "latency_ms": self.latencies.as_json(),
            "layers": self.agreement.as_json(),
            "versions": self.versions,
        }


def compare_requests(
    domain: str, items: Iterable[GeneratedRequest], on_each: Callable[[], None], allowed: Allowlist | None = None
) -> ParityTally:
    """Compare both sides on every request and tally the outcomes, in order."""
    tally = ParityTally(domain, allowed or Allowlist())
    for item, asked in ask_all(items):
        tally.add(item, asked)
        on_each()
    return tally


def ask_all(items: Iterable[GeneratedRequest]) -> Iterator[tuple[GeneratedRequest, ParityResult]]:
    """Compare both sides on every request, a few concurrently; yields results in order."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        yield from pool.map(lambda item: (item, compare_sides(item.operation, item.request)), items)
