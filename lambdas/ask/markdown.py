"""Story text as Markdown that shows it as it is: no links, images, HTML or formulas can arise from it."""

import re
from typing import Final

_BULLETS: Final = ("- ", "* ", "• ")
_ENDINGS: Final = (".", "!", "?", "…")
_ACTIVE: Final = re.compile(r"[\\`*_{}\[\]<>#|~$!]")


def escaped(text: str) -> str:
    """The text with a backslash before every character that Markdown might act upon."""
    return _ACTIVE.sub(r"\\\g<0>", text)


def clean(line: str) -> str:
    """One line of a story without its bullet and its odd spaces."""
    stripped = line.strip()
    bullet = next((mark for mark in _BULLETS if stripped.startswith(mark)), "")
    return " ".join(stripped.removeprefix(bullet).split())


def clean_lines(lines: tuple[str, ...]) -> list[str]:
    """The lines that are not empty, clean."""
    return [text for line in lines if (text := clean(line))]


def sentence(text: str) -> str:
    """The text, clean, with a full stop unless it ends as a sentence does."""
    line = clean(text)
    return line if line.endswith(_ENDINGS) else f"{line}."
