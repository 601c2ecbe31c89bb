"""Nonsense rules: patterns of questions that no portfolio can answer."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple


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

    def category(self, query: str) -> str | None:
        """The category of the first rule that matches; None if none does."""
        return next((category for category, pattern in self._rules if pattern.search(query)), None)


def _compiled(category: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"the rule {pattern!r} of category {category!r} is no regular expression: {error}") from error
