"""Figures, dates, scores and declined questions in words."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final, Literal

from contracts.ask import UNTITLED, Closeness, closeness_of
from contracts.profile import Profile
from streamlit_app.routes import NAMES, Route
from streamlit_app.shared.markdown_escape import escape_markdown

DASH: Final = "\N{EN DASH}"
Color = Literal["green", "violet"]

_LOWEST_RATE: Final = 0.1  # in percent, with one decimal
_MATCHES: Final[Mapping[Closeness, tuple[str, str, Color]]] = {
    Closeness.STRONG: ("Strong match", ":material/check_circle:", "green"),
    Closeness.GOOD: ("Good match", ":material/contrast:", "violet"),
    Closeness.RELATED: ("Related", ":material/radio_button_unchecked:", "violet"),
}
_RULES: Final = {
    "prompt_injection": "This is not a question about the stories.",
    "assistant": "This is not a question about the stories.",
    "clock": "This is not a question about the stories.",
    "writing_request": "This site answers questions about the stories and writes nothing else.",
    "keyboard_mash": "This does not read like a question.",
    "profanity": "Please rephrase this politely.",
}
_REASONS: Final = {
    "personal": "This is a personal matter, which the stories do not cover.",
    "unknown_topic": "No story mentions this.",
    "low_confidence": "No story comes close to this.",
}


def match_in_words(match: int, *, with_percentage: bool = False) -> tuple[str, str, Color]:
    """Describe evidence in percent: words, an icon, a colour. Percentages are for the maintainer."""
    words, icon, color = _MATCHES[closeness_of(match)]
    return f"{words} · {match}%" if with_percentage else words, icon, color


def refusal_in_words(reason: str) -> str:
    """Why the question was declined, as Markdown."""
    category = reason.removeprefix("rule:")
    if category == reason:
        return _REASONS.get(reason, "No story covers this.")
    return (
        _RULES.get(category) or f"This looks like a question about {_topic(category)}, which the stories do not cover."
    )


def _topic(category: str) -> str:
    return escape_markdown(category.replace("_", " "))


def story_title(title: str) -> str:
    return title or UNTITLED


def page_title(subject: str, profile: Profile) -> str:
    """The browser's title of a page about `subject`, which is whose stories these are on the home page."""
    if subject == NAMES[Route.HOME]:
        return f"{profile.name} · {profile.headline}"
    return f"{subject} · {profile.name}"


def counted(number: int, one: str, many: str = "", *, bold: bool = False) -> str:
    """ "1 call", "1,204 calls"; with `bold`, the number is bold Markdown."""
    mark = "**" if bold else ""
    return f"{mark}{number:,}{mark} {one if number == 1 else many or f'{one}s'}"


def count_stories(number: int) -> str:
    return counted(number, "story", "stories")


def rate(part: int, whole: int) -> str:
    """ "99.6 %"; "100 %" and "0 %" only where exact; a dash if `whole` is 0."""
    if not whole:
        return DASH
    if part in (0, whole):
        return "100 %" if part else "0 %"
    share = 100 * part / whole
    return f"{share:.1f} %" if _LOWEST_RATE <= share <= 100 - _LOWEST_RATE else f"{min(max(share, 0.01), 99.99):.2f} %"


def ms(value: float | None) -> str:
    if value is None:
        return DASH
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


def moment(at: float | None, zone: tzinfo | None) -> str:
    """Date and time to the second, in the server's time zone if `zone` is None."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S") if at is not None else DASH


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month(value: str) -> str:
    """ "2006-02" as "Feb 2006"; nothing for nothing."""
    if not value:
        return ""
    year, number = value.split("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def span(start: str, end: str) -> str:
    """A range of months in words, with either end open."""
    if start and end and start != end:
        return f"{month(start)} {DASH} {month(end)}"
    if start == end:
        return month(start)
    return f"from {month(start)}" if start else f"until {month(end)}"


def years(start: str, end: str) -> str:
    """The years of a span, joined by a dash."""
    first, last = start[:4], end[:4]
    return first if first == last or not last else f"{first}{DASH}{last}" if first else last


def whole_years(start: str, end: str) -> int:
    """The number of whole years from one month to another, both included."""
    if not (start and end):
        return 0
    return (_month_number(end) - _month_number(start) + 1) // 12


def _month_number(value: str) -> int:
    year, number = value.split("-")
    return int(year) * 12 + int(number)
