"""Nonsense rules: patterns of off-topic questions.

Every query is matched against every rule, and matching without regard to case is slow. A pattern in plain lower case is
therefore also compiled as written, and matched against the lower-case query if that is ASCII.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_SAME_IN_ANY_CASE: Final = re.compile(
    r"\\[bBsSdDwWn]|\\[1-9](?!\d)|\\[^A-Za-z0-9]|\(\?(?:[:=!]|<[=!])|[a-z]-[a-z]|[0-9]-[0-9]"
)


class NonsenseRule(NamedTuple):
    """A regular expression, matched without regard to case, and its category."""

    category: str
    pattern: str


class RuleError(ValueError):
    """A rule is invalid; the message names it."""


class NonsenseRules:
    """Rules in order; the first match decides."""

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
    """Whether matching a pattern against lower-case ASCII text equals matching without regard to case."""
    rest = _SAME_IN_ANY_CASE.sub("", pattern)
    return rest == rest.lower() and not re.search(r"\\|\(\?|[^\[^]-[^\]]|[^\W_a-z0-9]", rest)


def _compiled(category: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"the rule {pattern!r} of category {category!r} is no regular expression: {error}") from error
