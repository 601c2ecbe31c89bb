"""Spelling: what of a text's letters does not count when words are compared."""

import unicodedata


def folded(text: str) -> str:
    """The text without case and accents: "Société" and "SOCIETE" are the same."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
