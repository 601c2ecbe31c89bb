"""Splitting text into the tokens that the keyword rules count."""

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"[A-Za-z0-9+#\-_.]+")


def tokens(text: str) -> list[str]:
    """Lower-case tokens of three characters or more, in reading order."""
    return [token.lower() for token in _TOKEN.findall(text) if len(token) >= 3]


def token_set(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(token for text in texts for token in tokens(text))
