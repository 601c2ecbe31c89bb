"""Strengths in words, icons and colours."""

from typing import Final, NamedTuple

from contracts.rules.roles.strength import Strength


class StrengthWords(NamedTuple):
    """How a strength is shown."""

    label: str
    icon: str
    color: str


STRENGTHS: Final = {
    Strength.STRONG: StrengthWords("Strong", ":material/check_circle:", "green"),
    Strength.PARTIAL: StrengthWords("In part", ":material/contrast:", "violet"),
    Strength.NONE: StrengthWords("Not in the stories", ":material/radio_button_unchecked:", "gray"),
}
