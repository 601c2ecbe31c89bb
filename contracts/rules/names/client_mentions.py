"""Which names a text holds, whichever way they are spelled."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\da-zA-Z_]+")
_LEGAL_FORM: Final = re.compile(r"(?i)(?:,?\s+(?:inc|ltd|llc|llp|plc|gmbh|ag|corp|co|n\.?\s?a)\.?)+$")
_ARTICLE: Final = re.compile(r"(?i)^the\s+(?=\w)")
_AND: Final = re.compile(r"(?i)\band\b")
_GAP: Final = r"\s&+/'\-\u2010-\u2015"
_WIDEST: Final = 3  # characters between two words, unless the name has more
_ACRONYM: Final = 3  # letters up to which only capitals are meant: "ups" is not UPS, nor is "look at T-shirts" AT&T
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc`", "'"))


def find_mentions(text: str, names: Iterable[str]) -> frozenset[str]:
    """Those of some names that a text holds; a name within a longer one is not held.

    Accents, hyphens, apostrophes, "&" or "and", a legal form and where capitals join two words make no difference, nor
    does case, except that a single word in lower case names nobody who is not spelled so: "on target" is not Target.
    """
    shown = _shown(text)
    letters = _letters(shown)
    held: set[str] = set()
    for name in sorted(set(names), key=lambda name: (-len(name), name)):
        words, pattern = _spelling(name)
        if not words or not all(word in letters for word in words):
            continue
        if any(_is_meant(found[0], name) for found in pattern.finditer(shown)):
            held.add(name)
            shown = pattern.sub("\n", shown)
    return frozenset(held)


def _shown(text: str) -> str:
    """The text without accents, invisible characters and odd spaces."""
    if text.isascii():
        return " ".join(text.replace("`", "'").split())
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    visible = "".join(char for char in plain if unicodedata.category(char) not in ("Mn", "Cf"))
    return " ".join(visible.split())


def _letters(shown: str) -> str:
    return re.sub(r"[\W_]+", "", shown).casefold()


@lru_cache(maxsize=4096)
def _spelling(name: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """The words of a name, folded, and a pattern for all the ways to write it."""
    core = _AND.sub("&", _ARTICLE.sub("", _LEGAL_FORM.sub("", _shown(name))))
    words = list(_WORD.finditer(core))
    pattern, end = "", None
    for word in words:
        if end is not None:
            pattern += _gap(core[end : word.start()])
        pattern += _dotted(word[0]) if word[0].isupper() else re.escape(word[0])
        end = word.end()
    is_acronym = core.isupper() and sum(char.isalpha() for char in core) <= _ACRONYM
    flags = re.NOFLAG if is_acronym else re.IGNORECASE
    return tuple(word[0].casefold() for word in words), re.compile(rf"(?<!\w){pattern}(?!\w)", flags)


def _gap(between: str) -> str:
    """What may stand between two words of a name: what does in the name, too."""
    own = "".join(re.escape(char) for char in between if not char.isspace())
    return rf"[{_GAP}{own}]{{0,{max(_WIDEST, len(between))}}}(?:and\s)?"


def _dotted(word: str) -> str:
    """Capitals with or without a full stop after each."""
    return r"\.?\s?".join(map(re.escape, word)) + r"\.?"


def _is_meant(found: str, name: str) -> bool:
    return " " in name or not found.islower() or name.islower()
