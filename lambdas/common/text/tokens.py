"""Tokens: the words of a text as the site counts them."""

import re

_TOKEN = re.compile(r"[A-Za-z0-9+#\-_.]{3,}")


def tokens(text: str) -> list[str]:
    """Runs of three or more letters, digits, and ``+ # - _ .``, lower-cased, in reading order."""
    return [token.lower() for token in _TOKEN.findall(text)]
