"""Bullets as word processors and people write them, rewritten as "- "."""

import re
from typing import Final

_SPACES: Final = r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_MARKS: Final = (
    r"\u2022\u2023\u2043\u204c\u204d\u2219\u25aa\u25ab\u25a0\u25a1\u25cf\u25cb\u25e6\u25b8\u25b9\u25ba\u25c6\u25c7"
    r"\u2190-\u2194\u21d2\u203a\u00bb\u2605\u2606\u2610-\u2612\u2717\u2718\u2794\u279c\u27a1\u25fb-\u25fe\u2981\u29bf\u2b25\u2666\u2756\u27a2\u27a4\u2713\u2714\u2b9a\u00b7\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc\uf076"
)
_NUMBER: Final = r"\(?(?:[0-9]{1,2}|[a-zA-Z]|[ivx]{2,4})\)|[0-9]{1,2}\."
_BULLET: Final = re.compile(
    rf"(?P<indent>{_SPACES}*)"
    rf"(?:[{_MARKS}]{_SPACES}*|[-*+\u2010-\u2015\u2212]{_SPACES}+|[o\u00a7](?:\t|\u00a0|{_SPACES}{{2}}){_SPACES}*|(?:{_NUMBER}){_SPACES}+)"
)
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_LEADING: Final = re.compile(rf"^(?:{_SPACES}|[{_INVISIBLE}])+")
_ONLY_MARK: Final = re.compile(rf"(?:[{_MARKS}\-*+\u2010-\u2015\u2212]|{_NUMBER})")
_INLINE: Final = re.compile(rf"{_SPACES}+(?=[\u2022\u25cf\u25e6\u25aa\uf0b7]{_SPACES})")
BULLET: Final = "- "


def with_plain_bullet(line: str) -> str:
    """The line with its bullet, of whatever kind, as "- " behind the same indentation; "" if it is a bullet alone.

    A mark that words may begin with ("-40%", "*bold*", "1.5 million") counts where white space follows it.
    """
    line = _LEADING.sub(lambda match: re.sub(f"[{_INVISIBLE}]", "", match[0]), line)
    if _ONLY_MARK.fullmatch(line.strip()):
        return ""
    match = _BULLET.match(line)
    if match is None:
        return line
    indent = "".join(char if char == "\t" else " " for char in match["indent"])
    return f"{indent}{BULLET}{line[match.end() :]}"


def without_bullet(text: str) -> str:
    """The text without the bullet that it may begin with."""
    return with_plain_bullet(text.strip()).strip().removeprefix(BULLET).strip()


def bulleted_lines(text: str) -> list[str]:
    """The lines of a text; a line that begins with a round bullet is split at every further one."""
    return [part for line in text.splitlines() for part in _split(line)]


def _split(line: str) -> list[str]:
    if line.isascii():
        return [line]
    stripped = line.lstrip()
    if not _INLINE.match(f" {stripped}"):
        return [line]
    indent = line[: len(line) - len(stripped)]
    return [f"{indent}{part}" for part in _INLINE.split(stripped)]
