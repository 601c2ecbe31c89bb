"""Reads a targeting rule's text: the weights it states, and the attributes and variants it names."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

ATTRIBUTES: Final = ("targetingKey", "$flagd.flagKey", "$flagd.timestamp")  # what a stage's rule can read
_OVER_ITEMS: Final = ("map", "filter", "reduce", "all", "some", "none")  # their `var` reads an item, not the visitor

Weighted = list[tuple[Any, int]]


class IgnoredRule(ValueError):
    """A `fractional` rule for which flagd finds no variant; everyone gets the default variant."""


def stated_weights(targeting: Any) -> Weighted | None:
    """The variants and weights of a plain `fractional` rule; None for any other rule.

    Raises
    ------
    IgnoredRule
    """
    rule = targeting.get("fractional") if isinstance(targeting, dict) and len(targeting) == 1 else None
    if not isinstance(rule, list):
        return None
    items = rule if rule and isinstance(rule[0], list) else rule[1:]
    if any(isinstance(item, dict) or (isinstance(item, list) and _computed(item)) for item in items):
        return None
    weighted = [_weighted(item) for item in items]
    if not weighted:
        raise IgnoredRule("targeting.fractional names no variants")
    if sum(weight for _, weight in weighted) <= 0:
        raise IgnoredRule("targeting.fractional: the weights add up to nothing")
    return weighted


def _computed(item: list[Any]) -> bool:
    return any(isinstance(part, dict) for part in item)


def _weighted(item: Any) -> tuple[Any, int]:
    """A variant and its weight as flagd reads them: 1 if there is none, 0 if it is negative."""
    if isinstance(item, list) and len(item) == 1:
        return item[0], 1
    if isinstance(item, list) and len(item) == 2 and isinstance(item[1], int) and not isinstance(item[1], bool):
        return item[0], max(0, item[1])
    raise IgnoredRule(f"targeting.fractional: {item!r} is not a variant with a whole number as its weight")


def missing_attributes(targeting: Any, passed: Sequence[str]) -> list[str]:
    """The attributes that a rule reads although the site does not pass them: they are always missing."""
    return [name for name in dict.fromkeys(_attributes(targeting)) if name not in ("", *passed)]


def _attributes(rule: Any) -> Iterator[str]:
    if isinstance(rule, list):
        for item in rule:
            yield from _attributes(item)
    elif isinstance(rule, dict):
        for operator, arguments in rule.items():
            if operator in _OVER_ITEMS:
                yield from _attributes(arguments[:1] if isinstance(arguments, list) else arguments)
                continue
            if operator in {"var", "missing", "missing_some"}:
                yield from _names(operator, arguments)
            yield from _attributes(arguments)


def _names(operator: str, arguments: Any) -> Iterator[str]:
    given = arguments if isinstance(arguments, list) else [arguments]
    if operator == "var":
        given = given[:1]
    elif operator == "missing_some":
        given = given[1] if len(given) > 1 and isinstance(given[1], list) else []
    yield from (name for name in given if isinstance(name, str))


def strings(rule: Any) -> Iterator[str]:
    """Every string in a rule, among them the names of the variants that it can return."""
    if isinstance(rule, str):
        yield rule
    elif isinstance(rule, list | dict):
        for item in rule.values() if isinstance(rule, dict) else rule:
            yield from strings(item)
