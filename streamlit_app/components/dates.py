"""Months and spans of months in words."""

from typing import Final

_TO: Final = "\N{EN DASH}"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month(value: str) -> str:
    """ "2006-02" as "Feb 2006"; nothing for nothing."""
    if not value:
        return ""
    year, number = value.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def span(start: str, end: str) -> str:
    """From one month to another in words, with either side open."""
    if start and end and start != end:
        return f"{month(start)} {_TO} {month(end)}"
    if start == end:
        return month(start)
    return f"from {month(start)}" if start else f"until {month(end)}"


def years(start: str, end: str) -> str:
    """The years of a span, joined by a dash."""
    first, last = start[:4], end[:4]
    return first if first == last or not last else f"{first}{_TO}{last}" if first else last


def whole_years(start: str, end: str) -> int:
    """How many whole years lie between two months, both counted in."""
    if not (start and end):
        return 0
    return (_month_number(end) - _month_number(start) + 1) // 12


def _month_number(value: str) -> int:
    year, number = value.split("-")
    return int(year) * 12 + int(number)
