"""Date arithmetic over months: how long some periods are together, and how a span is written."""

from collections.abc import Iterable, Sequence
from typing import Final

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DASH: Final = "\N{EN DASH}"
Period = tuple[str, str]


def last_month(periods: Iterable[Period]) -> str:
    """The last month that any period names; "" without any."""
    return max((month for period in periods for month in period), default="")


def months_covered(periods: Sequence[Period], until: str = "") -> int:
    """How many months some periods cover together, overlaps counted once, first and last month included.

    A period without an end goes on `until` a month; one without a start is left out.
    """
    spans = sorted((_number(start), _number(end or max(until, start))) for start, end in periods if start)
    total, reached = 0, -1
    for first, last in spans:
        total += max(0, last - max(first, reached + 1) + 1)
        reached = max(reached, last)
    return total


def span_of(periods: Iterable[Period], until: str = "") -> Period:
    """First start and last end of some periods; "" where nothing is dated."""
    dated = [(start, end or max(until, start)) for start, end in periods if start]
    return min((start for start, _ in dated), default=""), max((end for _, end in dated), default="")


def years_text(start: str, end: str) -> str:
    """ "2017\N{EN DASH}2018", "2017", or "since 2025" for a period without an end; "" where it is not dated."""
    if not start:
        return end[:4]
    if not end:
        return f"since {start[:4]}"
    return start[:4] if start[:4] == end[:4] else f"{start[:4]}{_DASH}{end[:4]}"


def month_text(month: str) -> str:
    """ "February 2006"; "" for nothing."""
    return f"{_MONTHS[int(month[5:7]) - 1]} {month[:4]}" if month else ""


def length_text(months: int) -> str:
    """A number of months in years and months: "1 year and 2 months"."""
    years, rest = divmod(months, 12)
    parts = [_counted(years, "year")] * bool(years) + [_counted(rest, "month")] * bool(rest)
    return " and ".join(parts)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
