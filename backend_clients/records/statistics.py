"""Statistics of calls and comparisons for either side: latencies, failures, and trends."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from backend_clients.routed import Origin
from backend_clients.stages import READS, Outcome, Stage

_LAMBDA_FAILED: Final = (Outcome.LAMBDA_ERROR, Outcome.BOTH_ERROR)
_LEGACY_FAILED: Final = (Outcome.LEGACY_ERROR, Outcome.BOTH_ERROR)
_UNASKED: Final = (Outcome.IGNORED, Outcome.DROPPED)
# Stages whose comparisons call the Lambda side; in the others the call itself does.
_SHADOWED: Final = frozenset(stage.value for stage in Stage if READS[stage].compared is Origin.LAMBDA)


@dataclass(frozen=True, slots=True)
class Latency:
    """Latency in milliseconds without cold starts; None if nothing was measured."""

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


@dataclass(frozen=True, slots=True)
class CallAggregate:
    """Calls with equal attributes, and their times."""

    stage: str
    origin: str
    fell_back: bool
    failed: bool
    cold_start: bool
    latencies: Sequence[float]
    first_at: float
    last_at: float

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def asked_lambda(self) -> bool:
        return self.origin == Origin.LAMBDA or self.fell_back

    @property
    def lambda_failed(self) -> bool:
        return self.fell_back or (self.origin == Origin.LAMBDA and self.failed)


@dataclass(frozen=True, slots=True)
class ComparisonAggregate:
    """Comparisons with equal attributes, and their times; None for a side that was not called or measured."""

    stage: str
    outcome: str
    cold_start: bool
    legacy: Sequence[float | None]
    remote: Sequence[float | None]
    first_at: float
    last_at: float

    @property
    def count(self) -> int:
        return len(self.remote)

    @property
    def asked_lambda(self) -> bool:
        return self.stage in _SHADOWED and self.outcome not in _UNASKED

    @property
    def lambda_failed(self) -> bool:
        return self.asked_lambda and self.outcome in _LAMBDA_FAILED


@dataclass(frozen=True, slots=True)
class DomainStatistics:
    """Calls and comparisons of one domain."""

    calls: Sequence[CallAggregate]
    comparisons: Sequence[ComparisonAggregate]

    @property
    def outcomes(self) -> Counter[str]:
        found = Counter[str]()
        for seen in self.comparisons:
            found[seen.outcome] += seen.count
        return found

    @property
    def call_count(self) -> int:
        return _count(self.calls)

    @property
    def lambda_calls(self) -> int:
        return _count(seen for seen in self._all if seen.asked_lambda)

    @property
    def lambda_errors(self) -> int:
        return _count(seen for seen in self._all if seen.lambda_failed)

    @property
    def fallbacks(self) -> int:
        return _count(seen for seen in self.calls if seen.fell_back)

    @property
    def cold_starts(self) -> int:
        """Cold starts of calls, and of comparisons that called Lambda themselves."""
        return _count(seen for seen in self.calls if seen.cold_start) + _count(
            seen for seen in self.comparisons if seen.asked_lambda and seen.cold_start
        )

    @property
    def first_at(self) -> float | None:
        return min((seen.first_at for seen in self._all), default=None)

    @property
    def last_at(self) -> float | None:
        return max((seen.last_at for seen in self._all), default=None)

    @property
    def _all(self) -> Iterator[CallAggregate | ComparisonAggregate]:
        yield from self.calls
        yield from self.comparisons

    @property
    def legacy(self) -> Latency:
        """Latency over legacy's answers, each once: in `shadow` from the call, otherwise from the comparison."""
        answered = (seen for seen in self.calls if seen.origin == Origin.LEGACY and not seen.fell_back | seen.failed)
        compared = (seen for seen in self.comparisons if seen.stage not in _SHADOWED)
        return _latency(
            *(seen.latencies for seen in answered),
            *(seen.legacy for seen in compared if seen.outcome not in _LEGACY_FAILED),
        )

    @property
    def remote(self) -> Latency:
        answered = (seen for seen in self.calls if seen.origin == Origin.LAMBDA and not seen.failed)
        compared = (seen for seen in self.comparisons if seen.asked_lambda and not seen.lambda_failed)
        return _latency(
            *(seen.latencies for seen in answered if not seen.cold_start),
            *(seen.remote for seen in compared if not seen.cold_start),
        )


def trend_point(observed: DomainStatistics, at: float) -> TrendPoint:
    """The figures of one slot of time."""
    outcomes, legacy, remote = observed.outcomes, observed.legacy, observed.remote
    return TrendPoint(
        at=at,
        calls=observed.call_count,
        matched=outcomes[Outcome.MATCH],
        mismatched=outcomes[Outcome.MISMATCH],
        errors=observed.lambda_errors,
        fallbacks=observed.fallbacks,
        legacy_p50=legacy.p50,
        legacy_p95=legacy.p95,
        lambda_p50=remote.p50,
        lambda_p95=remote.p95,
    )


def _count(seen: Iterable[CallAggregate | ComparisonAggregate]) -> int:
    return sum(alike.count for alike in seen)


def _latency(*measured: Sequence[float | None]) -> Latency:
    ordered = sorted(time for times in measured for time in times if time is not None)
    return Latency(percentile(ordered, 0.50), percentile(ordered, 0.95), len(ordered))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The percentile by nearest rank, so that it is a measured value."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None
