"""What records of calls and comparisons tell of either side: latencies, failures, and both over time."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple, TypeVar

from backend_clients.routed import Origin
from backend_clients.routing.comparison import Outcome
from backend_clients.routing.stages import READS, Stage

_LAMBDA_FAILED: Final = (Outcome.LAMBDA_ERROR, Outcome.BOTH_ERROR)
_LEGACY_FAILED: Final = (Outcome.LEGACY_ERROR, Outcome.BOTH_ERROR)
_UNASKED: Final = (Outcome.IGNORED, Outcome.DROPPED)
# Stages whose comparisons ask the Lambda side; elsewhere it is the call itself that asks it.
_SHADOWED: Final = frozenset(stage.value for stage in Stage if READS[stage].compared is Origin.LAMBDA)


@dataclass(frozen=True, slots=True)
class Latency:
    """In milliseconds, cold starts left out; None where nothing was measured."""

    p50: float | None
    p95: float | None
    count: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One slot of time, for charts; `at` is its start."""

    at: float
    calls: int
    matched: int
    mismatched: int
    errors: int
    fallbacks: int
    legacy_p50: float | None
    legacy_p95: float | None
    lambda_p50: float | None
    lambda_p95: float | None


class SeenCall(NamedTuple):
    """A row of `calls`, in the order of its columns."""

    at: float
    stage: str
    origin: str
    fell_back: bool
    failed: bool
    latency_ms: float
    cold_start: bool

    @property
    def asked_lambda(self) -> bool:
        return self.origin == Origin.LAMBDA or bool(self.fell_back)

    @property
    def lambda_failed(self) -> bool:
        return bool(self.fell_back) or (self.origin == Origin.LAMBDA and bool(self.failed))


class SeenComparison(NamedTuple):
    """A row of `comparisons`, in the order of its columns."""

    at: float
    stage: str
    outcome: str
    legacy_ms: float | None
    lambda_ms: float | None
    cold_start: bool

    @property
    def asked_lambda(self) -> bool:
        return self.stage in _SHADOWED and self.outcome not in _UNASKED

    @property
    def lambda_failed(self) -> bool:
        return self.asked_lambda and self.outcome in _LAMBDA_FAILED


Seen = TypeVar("Seen", SeenCall, SeenComparison)


@dataclass(frozen=True, slots=True)
class Observed:
    """Calls and comparisons of one domain."""

    calls: Sequence[SeenCall]
    comparisons: Sequence[SeenComparison]

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(row.outcome for row in self.comparisons)

    @property
    def lambda_calls(self) -> int:
        return _count(row.asked_lambda for row in self._rows)

    @property
    def lambda_errors(self) -> int:
        return _count(row.lambda_failed for row in self._rows)

    @property
    def fallbacks(self) -> int:
        return _count(row.fell_back for row in self.calls)

    @property
    def cold_starts(self) -> int:
        """Those of calls, and of comparisons that no call counts."""
        return _count(row.cold_start for row in self.calls) + _count(
            row.asked_lambda and row.cold_start for row in self.comparisons
        )

    @property
    def times(self) -> list[float]:
        return [row.at for row in self._rows]

    @property
    def _rows(self) -> Iterator[SeenCall | SeenComparison]:
        yield from self.calls
        yield from self.comparisons

    @property
    def legacy(self) -> Latency:
        """Of each legacy answer once: a shadowed one is in its call, another in its comparison."""
        answered = (row for row in self.calls if row.origin == Origin.LEGACY and not row.fell_back and not row.failed)
        compared = (row for row in self.comparisons if row.stage not in _SHADOWED and row.outcome not in _LEGACY_FAILED)
        return _latency([row.latency_ms for row in answered], [row.legacy_ms for row in compared])

    @property
    def remote(self) -> Latency:
        answered = (row for row in self.calls if row.origin == Origin.LAMBDA and not row.failed and not row.cold_start)
        compared = (
            row for row in self.comparisons if row.asked_lambda and not row.lambda_failed and not row.cold_start
        )
        return _latency([row.latency_ms for row in answered], [row.lambda_ms for row in compared])


def trend_of(observed: Observed, start: float, width: float, slots: int) -> list[TrendPoint]:
    """What was observed, in `slots` parts of `width` seconds each, from `start` on."""
    calls, comparisons = (
        _slotted(observed.calls, start, width, slots),
        _slotted(observed.comparisons, start, width, slots),
    )
    return [_point(start + slot * width, Observed(calls[slot], comparisons[slot])) for slot in range(slots)]


def _slotted(rows: Iterable[Seen], start: float, width: float, slots: int) -> list[list[Seen]]:
    found: list[list[Seen]] = [[] for _ in range(slots)]
    for row in rows:
        found[min(slots - 1, max(0, int((row.at - start) / width)))].append(row)
    return found


def _point(at: float, observed: Observed) -> TrendPoint:
    outcomes, legacy, remote = observed.outcomes, observed.legacy, observed.remote
    return TrendPoint(
        at=at,
        calls=len(observed.calls),
        matched=outcomes[Outcome.MATCH],
        mismatched=outcomes[Outcome.MISMATCH],
        errors=observed.lambda_errors,
        fallbacks=observed.fallbacks,
        legacy_p50=legacy.p50,
        legacy_p95=legacy.p95,
        lambda_p50=remote.p50,
        lambda_p95=remote.p95,
    )


def _latency(answered: Collection[float], compared: Iterable[float | None]) -> Latency:
    ordered = sorted((*answered, *(time for time in compared if time is not None)))
    return Latency(_percentile(ordered, 0.50), _percentile(ordered, 0.95), len(ordered))


def _percentile(ordered: Sequence[float], share: float) -> float | None:
    """By nearest rank, so that a percentile is a latency that was measured."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def _count(flags: Iterable[bool | int]) -> int:
    return sum(map(bool, flags))
