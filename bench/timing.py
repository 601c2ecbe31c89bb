"""Times calls and compares them with budgets."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

MICROSECOND = 1e-6
MILLISECOND = 1e-3


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured figure; `within` is None if it has no budget."""

    name: str
    figure: str
    budget: str = ""
    within: bool | None = None


def median_seconds(
    call: Callable[[], object], rounds: int, warm_up: int = 3, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median duration of one call, by wall clock or another clock such as `time.process_time`."""
    for _ in range(warm_up):
        call()
    return statistics.median(_timed(call, clock) for _ in range(rounds))


def paired_medians(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of two calls, alternating so that noise affects both."""
    for _ in range(5):
        first()
        second()
    pairs = [(_timed(first), _timed(second)) for _ in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def budgeted(name: str, seconds: float, budget: float, unit: float = MILLISECOND) -> Finding:
    """A duration against its budget, both in seconds."""
    return Finding(name, shown(seconds, unit), f"≤ {shown(budget, unit)}", seconds <= budget)


def shown(seconds: float, unit: float = MILLISECOND) -> str:
    return f"{seconds / unit:,.2f} {'µs' if unit == MICROSECOND else 'ms'}"


def table_of(title: str, findings: list[Finding]) -> Table:
    table = Table("measured", "figure", "budget", "", title=title, title_justify="left")
    for finding in findings:
        verdict = {None: "", True: "within", False: "OVER"}[finding.within]
        table.add_row(finding.name, finding.figure, finding.budget, verdict)
    return table


def _timed(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    call()
    return clock() - started
