"""Sanitises the Markdown of answers: a few marks stay, everything else is shown as text."""

import re
from collections.abc import Callable
from typing import Final

from streamlit_app.shared.markdown_escape import escape_file_markdown, escape_markdown

_BLOCK: Final = re.compile(r"(?P<indent> *)(?P<mark>[-*+] +|\d{1,3}[.)] +|#{1,6} +)?(?P<rest>.*)")
_PIECE: Final = re.compile(r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<bold>\*\*)|\[(?P<source>\d{1,2})\]|(?P<other>.)")
_DEEPEST: Final = 6
_LARGEST_HEADING: Final = 4


def prose(text: str) -> str:
    """Make the Markdown of an answer safe to show, also one that a model wrote.

    Headings, lists, bold words and `[n]` marks stay; links, images, HTML, formulas, icons and colours become text.
    """
    return "\n".join(_line(line, escape_markdown, ":violet[\\[{}\\]]") for line in text.splitlines())


def with_mail_link(shown: str, email: str) -> str:
    """Link an e-mail address in an answer made safe by `prose`, without the invisible character that breaks a copy."""
    return shown.replace(escape_markdown(email), f"[{email}](mailto:{email})") if email else shown


def written(text: str) -> str:
    """Make the Markdown of an answer safe for a file."""
    return "\n".join(_line(line, escape_file_markdown, "\\[{}\\]") for line in text.splitlines())


def unescaped(text: str) -> str:
    """Convert an answer to plain text for the clipboard."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("**", "")


def _line(line: str, escape: Callable[[str], str], source: str) -> str:
    found = _BLOCK.fullmatch(line.expandtabs(4).rstrip())
    if found is None:
        return escape(line)
    if not found["rest"].strip("* "):
        return ""  # a line of asterisks alone would draw a rule
    mark, rest = found["mark"] or "", _inline(found["rest"], escape, source)
    if mark.startswith("#"):
        return f"{'#' * max(_LARGEST_HEADING, mark.count('#'))} {rest}"
    indent = found["indent"][:_DEEPEST] if mark else ""
    return f"{indent}{mark}{rest}"


def _inline(text: str, escape: Callable[[str], str], source: str) -> str:
    """Escape literal text as a whole: markup that has to be broken up may span an escape."""
    parts: list[str] = []
    stretch = ""
    for piece in _PIECE.finditer(text):
        if piece["escaped"] or piece["other"]:
            stretch += piece["escaped"] or piece["other"]
            continue
        parts += [_kept_spaces(stretch, escape), "**" if piece["bold"] else source.format(piece["source"])]
        stretch = ""
    return "".join([*parts, _kept_spaces(stretch, escape)])


def _kept_spaces(text: str, escape: Callable[[str], str]) -> str:
    """Escape text and keep its leading and trailing space."""
    if not text.strip():
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{escape(text)}{' ' if text[-1].isspace() else ''}"
