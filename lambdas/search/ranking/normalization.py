"""Spelling: what of a text does not count when words and names are compared."""

import re
import unicodedata
from typing import Final

WORD: Final = re.compile(r"[^\W_]+")
_AND: Final = "and"


def folded(text: str) -> str:
    """The text without case and accents: "Société" and "SOCIETE" are the same."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def name_words(text: str) -> list[str]:
    """The words by which names are compared, folded; "and" is as good as "&", which is no word."""
    return [word for word in WORD.findall(folded(text)) if word != _AND]
