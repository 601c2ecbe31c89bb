"""Folding: which differences between two spellings do not count.

Unicode white space, invisible characters, compatibility forms and case never make two of one client or tag; for names
and words, accents do not count either.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_JOINERS: Final = "\u200c\u200d"  # they shape letters and emoji, so that they stay where text is shown
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")  # invisible, and of another category


def visible(text: str) -> str:
    """The text as it is shown: one space for each run of white space, and without invisible characters."""
    if not text.isascii():
        text = "".join(char for char in text if char in _JOINERS or not _is_invisible(char))
    return " ".join(text.split())


def plain(text: str) -> str:
    """The text for comparing words: compatibility forms folded, without invisible characters; case is kept."""
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKC", text) if not _is_invisible(char))


@lru_cache(maxsize=8192)
def fold_key(value: str) -> str:
    """What two values have in common that are the same but for case, white space and invisible characters."""
    return " ".join(plain(value).casefold().split())


def without_accents(text: str) -> str:
    """The text in lower case and without accents: "Société" and "SOCIETE" are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", plain(text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _is_invisible(char: str) -> bool:
    return char in _BLANKS or unicodedata.category(char) == "Cf"
