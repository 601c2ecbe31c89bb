"""Scores and refusals in words."""

from typing import Final, Literal

from streamlit_app.shared.markdown_escape import escape_markdown

Color = Literal["green", "violet"]

_STRONG: Final = 40
_FAIR: Final = 25
_RULES: Final = {
    "prompt_injection": "This asks for something other than the stories, and the rules are not up for discussion.",
    "keyboard_mash": "This does not read like a question.",
    "profanity": "Let us keep it civil.",
}
_REASONS: Final = {
    "low_overlap": "The stories use none of these words, and none of them comes close in meaning.",
    "low_confidence": "No story comes close to this, and the stories know hardly any of these words.",
}


def match_in_words(match: int) -> tuple[str, str, Color]:
    """How well a story matches, by its score in percent: words, an icon, a colour."""
    if match >= _STRONG:
        return "Strong match", ":material/check_circle:", "green"
    if match >= _FAIR:
        return "Good match", ":material/contrast:", "violet"
    return "Loose match", ":material/radio_button_unchecked:", "violet"


def refusal_in_words(reason: str) -> str:
    """Why the gate refused, as Markdown."""
    category = reason.removeprefix("rule:")
    if category == reason:
        return _REASONS.get(reason, "The stories hold nothing on this.")
    return (
        _RULES.get(category) or f"This looks like a question about {_topic(category)}, which the stories do not cover."
    )


def _topic(category: str) -> str:
    return escape_markdown(category.replace("_", " "))


def stories_in_words(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"


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
