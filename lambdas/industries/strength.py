"""A story's strongest metric line, and how strong it is."""

from dataclasses import dataclass
from typing import Final

from contracts.metrics import Metric, MetricKind, find_metrics
from contracts.story import Story

_BULLETS: Final = ("- ", "* ", "• ")
_KINDS: Final = tuple(MetricKind)


@dataclass(frozen=True)
class Strongest:
    """A line as it is shown. The lower its rank the stronger it is: by kind of metric, then by value."""

    rank: tuple[int, float]
    line: str


def strongest_line(story: Story) -> Strongest | None:
    """The line with the best metric, Performance before Result, the first of equals; None if none has a metric."""
    strongest: Strongest | None = None
    for line in (*story.performance, *story.result):
        metrics = find_metrics(line)
        if not metrics:
            continue
        rank = min(map(_rank, metrics))
        if strongest is None or rank < strongest.rank:
            strongest = Strongest(rank, _shown(line))
    return strongest


def _rank(metric: Metric) -> tuple[int, float]:
    return _KINDS.index(metric.kind), -metric.value


def _shown(line: str) -> str:
    text = line.lstrip()
    if text.startswith(_BULLETS):
        text = text[2:]
    return text.strip()
