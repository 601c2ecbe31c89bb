"""Finding metrics in a story's lines: figures that carry a unit or a magnitude."""

import re
from collections.abc import Iterable
from enum import StrEnum

from contracts.base import Contract
from contracts.story import Story

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d+)?(?!\d)"  # what is longer is no magnitude
_SCALE = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mm": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_UNIT_STOP = r"(?!(?:of|to|and|in|the|or|from|by|at|for|with|on|as|was|is|its|this|has|vs|versus|plus|less)\b)"
_PLURAL = r"[a-z][a-z-]*(?<![siu])s\b|people\b|staff\b|personnel\b|bases\b|analyses\b|status(?:es)\b|days?\b|FTEs?\b"
_TIME = r"(?:ms|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|sprints?)\b"
_UNIT = rf"(?:{_TIME}|{_UNIT_STOP}(?:[a-z][a-z-]*\s+{_UNIT_STOP}){{0,2}}(?:{_PLURAL}))"
_METRIC = re.compile(
    rf"""
    (?<![\w.,$€£-])
    (?:
        (?P<money>(?:[$€£¥]|(?:USD|EUR|GBP)\s)\s?(?P<money_n>{_NUMBER})
            (?:\s?(?P<money_s>(?:[KkMmBbTt]|[Mm]{{2}}|[Bb][Nn]|[Tt][Nn])(?![A-Za-z])
            |(?i:thousand|million|billion|trillion)))?\+?)
      | (?P<percent>(?:{_NUMBER}[-\u2013])?(?P<percent_n>{_NUMBER})
            (?:\s?%|\s(?:percent|per\scent)\b|\spercentage\spoints?\b))
      | (?P<bps>(?P<bps_n>{_NUMBER})\s?(?:bps\b|basis\spoints?\b))
      | (?P<multiple>(?P<multiple_n>{_NUMBER})(?:[xX]\b|\u00d7|\stimes\b(?!\sa\b)))
      | (?P<count>(?P<count_n>{_NUMBER})
            (?:(?P<count_s>[KkMB](?![A-Za-z])|\s(?:thousand|million|billion)\b))?
            (?:\+(?:\s{_UNIT})?|\s{_UNIT}|ms\b|-(?:second|minute|hour|day|week|month|year)\b))
    )
    """,
    re.VERBOSE,
)
_LIST_MARK = re.compile(r"\s*(?:[-*•]\s+)?(?:\(?\d{1,3}[.)]\s+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_VERSION_WORD = re.compile(
    r"(?:\b(?i:v|ver|version|release|phase|step|stage|tier|level|rule|article|section|chapter|part|wave|sprint|track"
    r"|route|java|python|angular|node|php|windows|oracle|http)"
    r"|[a-z)]\s[A-Z][\w.+#]*)\s$"
)


class MetricKind(StrEnum):
    """Kinds in the order in which one beats another when a story's strongest metric is picked."""

    PERCENT = "percent"
    MULTIPLE = "multiple"
    MONEY = "money"
    COUNT = "count"


class Metric(Contract):
    """A figure as written, its kind, and its magnitude.

    `value` is in percent for percentages (25 bps are 0.25), in plain units of the currency for money, else a number.
    """

    text: str
    kind: MetricKind
    value: float


class Integrity(Contract):
    """Whether a story keeps the promise "all four STAR parts and at least one metric", and what it lacks."""

    complete: bool
    missing: tuple[str, ...]


def find_metrics(line: str) -> tuple[Metric, ...]:
    """Metrics of one line, in reading order. A bare year, a version or a list number is none."""
    mark = _LIST_MARK.match(line)
    found = _METRIC.finditer(line, mark.end() if mark else 0)
    return tuple(_metric(match) for match in found if not _names_something(line, match))


def metrics_of(lines: Iterable[str]) -> tuple[Metric, ...]:
    """Distinct metrics of several lines, in reading order."""
    distinct: dict[str, Metric] = {}
    for line in lines:
        for metric in find_metrics(line):
            distinct.setdefault(metric.text, metric)
    return tuple(distinct.values())


def story_metrics(story: Story) -> tuple[Metric, ...]:
    """Distinct metrics of a story's Performance and Result."""
    return metrics_of((*story.performance, *story.result))


def integrity_of(story: Story) -> Integrity:
    """Check one story against the promise. `missing` names STAR parts, then "metric"."""
    missing = [part for part in ("situation", "task", "action", "result") if not getattr(story, part)]
    if not story_metrics(story):
        missing.append("metric")
    return Integrity(complete=not missing, missing=tuple(missing))


def _metric(match: re.Match[str]) -> Metric:
    text = " ".join(match.group().split())
    kind = next(name for name in ("money", "percent", "bps", "multiple", "count") if match[name])
    number = float(match[f"{kind}_n"].replace(",", ""))
    if kind == "bps":
        return Metric(text=text, kind=MetricKind.PERCENT, value=number / 100)
    if kind in ("money", "count"):
        number *= _SCALE.get((match[f"{kind}_s"] or "").strip().lower(), 1.0)
    return Metric(text=text, kind=MetricKind(kind), value=number)


def _names_something(line: str, match: re.Match[str]) -> bool:
    """Whether a count is no count: a year ("2019 releases"), a version ("Java 8 services") or a phase number."""
    if not match["count"]:
        return False
    if _YEAR.fullmatch(match["count_n"]) and "+" not in match["count"]:
        return True
    return bool(_VERSION_WORD.search(line, 0, match.start()))
