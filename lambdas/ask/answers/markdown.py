"""Story text as Markdown that shows it as it is: no links, images, HTML or formulas can arise from it."""

import re
from typing import Final

_BULLETS: Final = ("- ", "* ", "• ")
_ENDINGS: Final = (".", "!", "?", "…")
_QUOTES_AND_BRACKETS: Final = "\"')]\u201d\u2019\u00bb"
_UNENDED: Final = " ,;:"
_ACTIVE: Final = re.compile(r"[\\`*_{}\[\]<>#|~$!]")
_LINKING: Final = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-]@)(?=[\w-]+\.[\w-])", re.IGNORECASE)
_WORD_JOINER: Final = "\u2060"  # takes no room and parts nothing but an address
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def escaped(text: str) -> str:
    """The text with a backslash before every character that Markdown might act upon, and no address in one piece."""
    return _ACTIVE.sub(r"\\\g<0>", _LINKING.sub(_WORD_JOINER, text))


def visible(text: str) -> str:
    """The text without control characters other than those that part words."""
    return _CONTROL.sub("", text)


def name(text: str) -> str:
    """A title, a client or a domain as it is shown."""
    return escaped(" ".join(visible(text).split()))


def clean(line: str) -> str:
    """One line of a story without its bullet, control characters and odd spaces."""
    stripped = visible(line).strip()
    bullet = next((mark for mark in _BULLETS if stripped.startswith(mark)), "")
    return " ".join(stripped.removeprefix(bullet).split())


def clean_lines(lines: tuple[str, ...]) -> list[str]:
    """The lines that are not empty, clean."""
    return [text for line in lines if (text := clean(line))]


def sentence(text: str) -> str:
    """The text, clean, with a full stop unless it ends as a sentence does; "" if nothing is to be seen in it."""
    line = clean(text).rstrip(_UNENDED)
    return line if not line or line.rstrip(_QUOTES_AND_BRACKETS).endswith(_ENDINGS) else f"{line}."
