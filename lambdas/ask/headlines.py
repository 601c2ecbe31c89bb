"""The line that a story's impact is told by."""

from typing import Final

from contracts.metrics import MetricKind, find_metrics
from contracts.story import Story
from lambdas.ask.markdown import clean

_RANK: Final = {kind: rank for rank, kind in enumerate(MetricKind)}


def headline(story: Story) -> str:
    """The line of Performance and Result with the strongest metric, clean; "" if none has a metric.

    Kinds rank as `MetricKind` lists them, then the larger value wins, then the earlier line.
    """
    strengths = [
        (min((_RANK[metric.kind], -metric.value) for metric in metrics), line)
        for line in (*story.performance, *story.result)
        if (metrics := find_metrics(line))
    ]
    return clean(min(strengths, key=lambda strength: strength[0])[1]) if strengths else ""
