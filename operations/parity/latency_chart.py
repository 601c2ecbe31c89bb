"""The geometry of the report's latency chart: positions of bars, marks and ticks."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import numpy as np

from operations.parity.tally import summary

WIDTH: Final = 420.0
HEIGHT: Final = 56.0
_BINS: Final = 40
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line at a value; `label` is the formatted value."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One side's distribution; its bars are scaled to its own maximum."""

    side: str
    count: int
    bars: tuple[Bar, ...]
    p50: Mark | None
    p95: Mark | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Both sides on one logarithmic axis of milliseconds."""

    strips: tuple[Strip, ...]
    ticks: tuple[Mark, ...]


def distribution(sides: Sequence[tuple[str, Sequence[float]]]) -> Distribution:
    """Lay out the latencies (ms) of each named side."""
    measured = [max(value, 0.01) for _, values in sides for value in values]
    low, high = (min(measured), max(measured)) if measured else (1.0, 10.0)
    axis = _Axis(low / 1.15, high * 1.15)
    return Distribution(tuple(_strip(axis, side, values) for side, values in sides), tuple(axis.ticks()))


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float

    def x(self, value: float) -> float:
        share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(share * WIDTH, 1)

    def ticks(self) -> list[Mark]:
        exponents = range(int(np.floor(log10(self.low))), int(np.ceil(log10(self.high))) + 1)
        values = [step * 10.0**exponent for exponent in exponents for step in _STEPS]
        inside = [value for value in values if self.low <= value <= self.high]
        if len(inside) > 8:
            inside = [value for value in inside if f"{value:e}".startswith("1")]
        return [Mark(self.x(value), f"{value:g}") for value in inside]


def _strip(axis: _Axis, side: str, values: Sequence[float]) -> Strip:
    if not values:
        return Strip(side, 0, (), None, None)
    edges = np.geomspace(axis.low, axis.high, _BINS + 1)
    counts, _ = np.histogram(np.clip(values, axis.low, axis.high), edges)
    width = WIDTH / _BINS
    bars = tuple(
        Bar(round(number * width, 1), round(width - 1, 1), round(max(1.5, count / counts.max() * HEIGHT), 1))
        for number, count in enumerate(counts)
        if count
    )
    found = summary(values)
    p50, p95 = (Mark(axis.x(found[name]), milliseconds(found[name])) for name in ("p50", "p95"))
    return Strip(side, len(values), bars, p50, p95)


def milliseconds(value: float | None) -> str:
    """`0.42 ms`, `7.1 ms`, `134 ms`."""
    if value is None:
        return "-"
    return f"{value:.2f} ms" if value < 1 else f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"
