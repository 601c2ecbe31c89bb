"""Nonsense rules: patterns of questions that no portfolio can answer.

Matching whatever the case is slow, and every query meets every rule. So a pattern that is plainly written in lower case
is also compiled as it stands, and searched for in the query's lower case where that is all ASCII.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_SAME_IN_ANY_CASE: Final = re.compile(
    r"\\[bBsSdDwW]|\\[1-9](?!\d)|\\[^A-Za-z0-9]|\(\?(?:[:=!]|<[=!])|[a-z]-[a-z]|[0-9]-[0-9]"
)


class NonsenseRule(NamedTuple):
    """A regular expression, searched for whatever its case, and the category it stands for."""

    category: str
    pattern: str


class RuleError(ValueError):
    """A rule that cannot be used; the message says which."""


class NonsenseRules:
    """Rules in order: the first that matches decides."""

    def __init__(self, rules: Iterable[Sequence[str]]) -> None:
        self._rules = [(category, _compiled(category, pattern)) for category, pattern in rules]
        self._lower = [re.compile(rule.pattern) if _is_plain(rule.pattern) else None for _, rule in self._rules]

    def category(self, query: str) -> str | None:
        """The category of the first rule that matches; None if none does."""
        lower = query.lower() if query.isascii() else None
        for (category, pattern), plain in zip(self._rules, self._lower, strict=True):
            if pattern.search(query) if lower is None or plain is None else plain.search(lower):
                return category
        return None


def _is_plain(pattern: str) -> bool:
    """Whether a pattern finds in lower-case ASCII text what it finds, whatever the case, in the text as it was."""
    rest = _SAME_IN_ANY_CASE.sub("", pattern)
    return rest == rest.lower() and not re.search(r"\\|\(\?|[^\[^]-[^\]]|[^\W_a-z0-9]", rest)


def _compiled(category: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"the rule {pattern!r} of category {category!r} is no regular expression: {error}") from error
