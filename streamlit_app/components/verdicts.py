"""Scores and refusals in words."""

from typing import Final, Literal

from streamlit_app.components.text import plain

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
    return plain(category.replace("_", " "))
