"""Reduces a model's prose to the plain words that a visitor may see."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from backend_clients.ask.in_process.extractive import escaped
from contracts.rules.prose.reasoning import without_reasoning

_MAX_CHARACTERS: Final = 8000  # far more than a model is given room for
_UNSEEN: Final = ("Cc", "Cf", "Cs")
_TARGET: Final = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
_DEFINITION: Final = re.compile(r"^\s*\[[^\[\]]+\]:.*$", re.MULTILINE)
_IMAGE: Final = re.compile(rf"!\[[^\[\]]*\](?:{_TARGET}|\[[^\[\]]*\])?")
_LINK: Final = re.compile(rf"\[([^\[\]]*)\]{_TARGET}|\[(?!\s*\d+\s*\])([^\[\]]+)\]\s?\[[^\[\]]*\]")
_TAG: Final = re.compile(r"<[^<>]*>")
_ADDRESS: Final = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|xmpp|javascript|data|tel):)[^\s\[\]<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_RULE: Final = re.compile(r"^\s*(?:=+|-{2,})\s*$", re.MULTILINE)
_FORMATTING: Final = re.compile(r"[*`]+|~~+|(?<![^\W_])_+|_+(?![^\W_])|^\s{0,3}#{1,6}\s+", re.MULTILINE)
_MARK: Final = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
_KEPT_MARK: Final = re.compile(r"(\[\d+\])")


def plain(prose: str, sources: int) -> str:
    """The words of the prose with its marks [1] to [sources]: no images, links, HTML or formatting."""
    text = _settled(html.unescape, _visible(prose[:_MAX_CHARACTERS]))
    text = _settled(lambda marked: _bare(without_reasoning(marked), sources), text)
    text = "\n".join(" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"[ \t]+([.,;:])(?!\S)", r"\1", re.sub(r"\n{3,}", "\n\n", text)).strip()


def as_markdown(words: str) -> str:
    """Plain words as Markdown that shows them as they are, marks kept."""
    return "".join(part if _KEPT_MARK.fullmatch(part) else escaped(part) for part in _KEPT_MARK.split(words))


def _settled(change: Callable[[str], str], text: str) -> str:
    """The text changed until nothing changes: what one removal brings together, the next one finds."""
    while (changed := change(text)) != text:
        text = changed
    return text


def _visible(text: str) -> str:
    """Remove invisible characters, which may hide or reverse an address."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if char in "\n\t" or unicodedata.category(char) not in _UNSEEN)


def _bare(text: str, sources: int) -> str:
    text = _LINK.sub(r"\1\2", _IMAGE.sub("", _DEFINITION.sub("", _ESCAPE.sub(r"\1", text))))
    text = _FORMATTING.sub("", _RULE.sub("", _TAG.sub("", _ADDRESS.sub("", text))))
    return _MARK.sub(lambda mark: _kept(mark[1], sources), text)


def _kept(numbers: str, sources: int) -> str:
    return "".join(f"[{int(number)}]" for number in re.findall(r"\d+", numbers) if 1 <= int(number) <= sources)
