"""The time that a question asks about: years, spans of years, and what is latest or earliest."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_YEAR: Final = r"((?:19|20)\d\d)"
_NUMBERS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
_BETWEEN: Final = re.compile(
    rf"\b(?:between|from)\s+{_YEAR}\s+(?:and|to|until|till|-|\u2013)\s+{_YEAR}|\b{_YEAR}\s*[-\u2013]\s*{_YEAR}",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(rf"\b(?:since|from)\s+{_YEAR}\b", re.IGNORECASE)
_AFTER: Final = re.compile(rf"\bafter\s+{_YEAR}\b", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"\b(?:before|until|up\s+to|prior\s+to)\s+{_YEAR}\b", re.IGNORECASE)
_DECADE: Final = re.compile(r"\b(?:in\s+)?(?:the\s+)?((?:19|20)\d)0s\b", re.IGNORECASE)
_LAST_YEARS: Final = re.compile(
    rf"\b(?:in\s+|over\s+|during\s+)?(?:the\s+|his\s+|your\s+)?(?:last|past|recent|previous)\s+(\d{{1,2}}|{'|'.join(_NUMBERS)}|few|couple\s+of)?\s*years?\b",
    re.IGNORECASE,
)
_ONE_YEAR: Final = re.compile(
    rf"\b(?:in|during|around|about|for|of)\s+(?:the\s+year\s+)?{_YEAR}\b|^\W*{_YEAR}\W*$", re.IGNORECASE
)
_LATEST: Final = re.compile(
    r"\b(?:latest|newest|(?:most\s+)?recent(?:ly)?|current(?:ly)?|right\s+now|these\s+days|nowadays|at\s+the\s+moment"
    r"|(?:doing|working\s+on|up\s+to)\s+now|last\s+(?:job|role|project|position|client|employer))\b",
    re.IGNORECASE,
)
_EARLIEST: Final = re.compile(
    r"\b(?:earliest|oldest|first\s+(?:job|role|project|position|client|employer)|start(?:ed)?\s+(?:out|his|her|your|their)\b"
    r"|career\s+(?:start|begin)\b|began\s+(?:his|her|your|their)\s+career)",
    re.IGNORECASE,
)
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class AskedTime:
    """First and last month of a period, with its wording; or the latest or the earliest stories."""

    start: str = ""
    end: str = ""
    wording: str = ""
    latest: bool = False
    earliest: bool = False

    def holds(self, start: str, end: str) -> bool:
        """Whether a story of these dates falls into the period; an open end goes on."""
        if self.latest or self.earliest:
            return bool(start)
        return bool(start) and start <= (self.end or "9999-12") and (end or "9999-12") >= self.start


def asked_time(question: str, until: str = "") -> AskedTime | None:
    """The time that a question limits itself to; None for none.

    Parameters
    ----------
    until
        The last month that the stories know of: "the last five years" end there.
    """
    for pattern, read in _FORMS:
        if match := pattern.search(question):
            return read(match, until)
    return None


def without_time(question: str) -> str:
    """The question without the words of its time."""
    for pattern, _ in _FORMS:
        if pattern.search(question):
            return " ".join(pattern.sub(" ", question).split())
    return question


def _between(match: re.Match[str], _until: str) -> AskedTime:
    first, last = sorted(year for year in match.groups() if year)
    return AskedTime(f"{first}-01", f"{last}-12", f"between {first} and {last}")


def _one_year(match: re.Match[str], _until: str) -> AskedTime:
    year = match[1] or match[2]
    return AskedTime(f"{year}-01", f"{year}-12", f"in {year}")


def _last_years(match: re.Match[str], until: str) -> AskedTime:
    if not until:
        return AskedTime(wording="most recently", latest=True)
    word = (match[1] or "one").lower()
    count = int(word) if word.isdecimal() else _NUMBERS.get(word, _FEW)
    start = f"{int(until[:4]) - count:04d}{until[4:7]}"
    return AskedTime(start, "", f"in the last {count} years" if count > 1 else "in the last year")


_FORMS: Final[Sequence[tuple[re.Pattern[str], Callable[[re.Match[str], str], AskedTime]]]] = (
    (_BETWEEN, _between),
    (_AFTER, lambda match, _: AskedTime(f"{int(match[1]) + 1}-01", "", f"after {match[1]}")),
    (_SINCE, lambda match, _: AskedTime(f"{match[1]}-01", "", f"since {match[1]}")),
    (_BEFORE, lambda match, _: AskedTime("0000-01", f"{int(match[1]) - 1}-12", f"before {match[1]}")),
    (_DECADE, lambda match, _: AskedTime(f"{match[1]}0-01", f"{match[1]}9-12", f"in the {match[1]}0s")),
    (_LAST_YEARS, _last_years),
    (_ONE_YEAR, _one_year),
    (_EARLIEST, lambda _match, _: AskedTime(wording="at the start", earliest=True)),
    (_LATEST, lambda _match, _: AskedTime(wording="most recently", latest=True)),
)
