"""Dates as people write them in a career history, read as months (`YYYY-MM`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_PIVOT: Final = 70  # from '70 on, two digits are a year of the last century
_NAMES: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NUMBER_OF: Final = {
    spelling: number for number, name in enumerate(_NAMES, start=1) for spelling in (name, name[:3])
} | {"sept": 9}
_OPEN: Final = frozenset(
    ("present", "current", "currently", "today", "now", "ongoing", "on going", "to date", "till date", "until now")
)
_YEAR: Final = r"(?P<year>(?:19|20)[0-9]{2})"
_MONTH: Final = r"(?P<month>0?[1-9]|1[0-2])"
_DAY: Final = r"(?P<day>0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"
_NAME: Final = rf"(?P<name>{'|'.join(sorted(_NUMBER_OF, key=len, reverse=True))})\.?"
_PART: Final = r"\s*[-/., ]\s*"
_SEPARATOR: Final = r"[-/.]"


@dataclass(frozen=True, slots=True)
class Span:
    """Two months, each "" where it is open or unknown, and what was wrong with either."""

    start: str
    end: str
    start_problem: str = ""
    end_problem: str = ""


def read_span(start: Any, end: Any) -> Span:
    """Read a start and an end. What is no date is left out and said so; an end before the start is left out too."""
    first, first_problem = _read(start, lambda text: _months(text)[:1])
    last, last_problem = _read(end, lambda text: ("",) if text in _OPEN else _months(text)[1:])
    if first and last and last < first:
        return Span(first, "", first_problem, f"ends before it starts ({first})")
    return Span(first, last, first_problem, last_problem)


def _read(value: Any, months: Callable[[str], tuple[str, ...]]) -> tuple[str, str]:
    if value is None or (isinstance(value, str) and not value.strip()):
        return "", ""
    plain = str(value) if type(value) is int else value
    found = months(_folded(plain)) if isinstance(plain, str) else ()
    return (found[0], "") if found else ("", "is no date such as 2020-03, Mar 2020 or 2020")


def _folded(text: str) -> str:
    quotes = text.replace("\u2019", "'").replace("\u2018", "'").replace("\u2010", "-").replace("\u2011", "-")
    return " ".join(quotes.replace("\u2013", "-").casefold().split()).strip(" .,-")


def _months(text: str) -> tuple[str, ...]:
    """The first and the last month of what is written, or nothing if that is no date."""
    for pattern, months in _FORMS:
        if (match := pattern.fullmatch(text)) is not None:
            return months(match)
    return ()


def _whole_year(match: re.Match[str]) -> tuple[str, ...]:
    return f"{match['year']}-01", f"{match['year']}-12"


def _quarter(match: re.Match[str]) -> tuple[str, ...]:
    last = int(match["quarter"]) * 3
    return f"{match['year']}-{last - 2:02}", f"{match['year']}-{last:02}"


def _numbered(match: re.Match[str]) -> tuple[str, ...]:
    return (f"{match['year']}-{int(match['month']):02}",) * 2


def _named(match: re.Match[str]) -> tuple[str, ...]:
    return (f"{match['year']}-{_NUMBER_OF[match['name']]:02}",) * 2


def _named_short_year(match: re.Match[str]) -> tuple[str, ...]:
    year = int(match["short"])
    return (f"{year + (1900 if year >= _PIVOT else 2000)}-{_NUMBER_OF[match['name']]:02}",) * 2


def _day_and_month(match: re.Match[str]) -> tuple[str, ...]:
    """Which of the two is the month can be known where the other one cannot be a month, or is the same."""
    first, second = int(match["first"]), int(match["second"])
    months = {number for number, other in ((first, second), (second, first)) if 0 < number <= 12 and 0 < other <= 31}
    return (f"{match['year']}-{months.pop():02}",) * 2 if len(months) == 1 else ()


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, ...]]], ...]] = tuple(
    (re.compile(pattern, re.ASCII), months)
    for pattern, months in (
        (_YEAR, _whole_year),
        (rf"q(?P<quarter>[1-4]){_PART}{_YEAR}", _quarter),
        (rf"{_YEAR}{_PART}q(?P<quarter>[1-4])", _quarter),
        (rf"{_YEAR}\s?{_SEPARATOR}\s?{_MONTH}", _numbered),
        (rf"{_MONTH}\s?{_SEPARATOR}\s?{_YEAR}", _numbered),
        (rf"{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}(?:[t ][0-9:.]+(?:z|[-+][0-9:]+)?)?", _numbered),
        (rf"{_NAME}(?:{_PART}|\s?(?=[0-9])){_YEAR}", _named),
        (rf"{_NAME}(?:\s?'|-\s?|\s?-)(?P<short>[0-9]{{2}})", _named_short_year),
        (rf"{_YEAR}{_PART}{_NAME}", _named),
        (rf"{_DAY}{_PART}{_NAME}{_PART}{_YEAR}", _named),
        (rf"{_NAME}{_PART}{_DAY}{_PART}{_YEAR}", _named),
        (rf"(?P<first>[0-9]{{1,2}}){_SEPARATOR}(?P<second>[0-9]{{1,2}}){_SEPARATOR}{_YEAR}", _day_and_month),
    )
)
