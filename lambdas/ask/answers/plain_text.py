"""Reduces a model's prose to plain words: links, images, HTML and formatting are removed."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from contracts.rules.prose.reasoning import without_reasoning
from lambdas.ask.answers.markdown import escaped

MAX_CHARACTERS: Final = 8000  # far more than a model is given room for

_IMAGE: Final = re.compile(r"!\[[^\[\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])?")
_LINK: Final = re.compile(r"\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_REFERENCE: Final = re.compile(r"\[(?!\s*\d+\s*\])([^\[\]]+)\]\s?\[[^\[\]]*\]")
_DEFINITION: Final = re.compile(r"^\s*\[[^\[\]]+\]:.*$", re.MULTILINE)
_TAG: Final = re.compile(r"<[^<>]*>")
_ADDRESS: Final = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|xmpp|javascript|data|tel):)[^\s\[\]<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS: Final = re.compile(r"\*+|`+|~~+|(?<![^\W_])_+|_+(?![^\W_])")
_HEADING: Final = re.compile(r"^\s{0,3}#{1,6}\s+|^\s*(?:=+|-{2,})\s*$", re.MULTILINE)
_MARKS: Final = re.compile(r"\[\s*(\d+(?:\s*[,;]\s*\d+)*)\s*\]")
_MARK: Final = re.compile(r"(\[\d+\])")
_GAP_BEFORE_STOP: Final = re.compile(r" +([.,;:])(?!\S)")  # what was taken out stood there


def plain_prose(prose: str, sources: int) -> str:
    """The words of the prose with its marks [1] to [sources]; no links, images, HTML or formatting."""
    text = _until_settled(html.unescape, _visible(prose[:MAX_CHARACTERS]))
    text = _until_settled(lambda marked: _bare(without_reasoning(marked), sources), text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    closed = _GAP_BEFORE_STOP.sub(r"\1", "\n".join(lines))
    return re.sub(r"\n{3,}", "\n\n", closed).strip()


def as_markdown(plain: str) -> str:
    """Plain prose as Markdown that shows it as it is, marks kept."""
    return "".join(part if _MARK.fullmatch(part) else escaped(part) for part in _MARK.split(plain))


def _until_settled(change: Callable[[str], str], text: str) -> str:
    """The text changed until nothing is left to change: what one removal joins, the next one finds."""
    while (changed := change(text)) != text:
        text = changed
    return text


def _bare(text: str, sources: int) -> str:
    """The text without its outermost formatting."""
    text = _DEFINITION.sub("", _ESCAPE.sub(r"\1", text))
    text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    text = _TAG.sub("", _ADDRESS.sub("", text))
    text = _EMPHASIS.sub("", _HEADING.sub("", text))
    return _MARKS.sub(lambda match: _kept_marks(match[1], sources), text)


def _visible(text: str) -> str:
    """Remove control characters and invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def _kept_marks(numbers: str, sources: int) -> str:
    kept = (int(number) for number in re.findall(r"\d+", numbers[:100]))
    return "".join(f"[{number}]" for number in kept if 1 <= number <= sources)
