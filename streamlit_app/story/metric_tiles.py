"""A story's strongest metrics as tiles, each with its source line."""

from collections.abc import Iterable
from typing import Final

import streamlit as st

from contracts.rules.metrics import Metric, MetricKind, find_metrics
from contracts.stories import StoryDetail
from streamlit_app.shared.markdown_escape import escape_markdown, shortened

MOST_TILES: Final = 4
_RANK: Final = {kind: rank for rank, kind in enumerate(MetricKind)}
_LINE_LENGTH: Final = 160


def draw_metric_tiles(detail: StoryDetail) -> None:
    tiles = strongest_metrics((*detail.story.performance, *detail.story.result))
    if not tiles:
        return
    grid = st.grid(len(tiles), min_column_width=220)
    for metric, line in tiles:
        with grid.container(border=True, height="stretch", gap="xxsmall"):
            st.metric(escape_markdown(line), f":violet[{escape_markdown(metric.text)}]", label_visibility="collapsed")
            st.markdown(f":small[{escape_markdown(shortened(line, _LINE_LENGTH))}]")


def strongest_metrics(lines: Iterable[str]) -> list[tuple[Metric, str]]:
    """Up to four metrics, the strongest of each line, sorted by strength."""
    tiles = [(min(metrics, key=_strength), line.strip(" -")) for line in lines if (metrics := find_metrics(line))]
    distinct = {metric.text: (metric, line) for metric, line in reversed(tiles)}
    return sorted(distinct.values(), key=lambda tile: _strength(tile[0]))[:MOST_TILES]


def _strength(metric: Metric) -> tuple[int, float]:
    return _RANK[metric.kind], -metric.value
