"""Writes a flag's stages into the text of a flag file and keeps every other character."""

import copy
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import yaml

BUCKETING_SEED: Final = "mattgpt"

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NO_STRING: Final = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}


class NotEditable(ValueError):
    """The flag cannot be edited alone: an edit would change other parts of the file, or miss parts of the flag."""


def with_variants(text: str, domain: str, weighted: Sequence[tuple[str, int]]) -> str:
    """Return the text with the flag's variants weighted; the last one is the default.

    Supports YAML, with its comments kept, and JSON.

    Raises
    ------
    NotEditable
    """
    flag = _value(_value(yaml.compose(text, yaml.SafeLoader), "flags"), domain)
    default = _value(flag, "defaultVariant")
    fractional = _fractional(weighted) if len(weighted) > 1 else None
    edits = [_default_edit(default, weighted[-1][0]), _targeting_edit(text, flag, default, fractional)]
    changed = text
    for start, end, replacement in sorted(edits, reverse=True):
        changed = changed[:start] + replacement + changed[end:]
    _check(text, changed, domain, weighted[-1][0], fractional)
    return changed


def flag_lines(text: str, domain: str) -> tuple[int, int]:
    """The first and last line of a flag, counted from 1; raises `NotEditable` if it shares lines."""
    flags = _value(yaml.compose(text, yaml.SafeLoader), "flags")
    key, flag = _pair(flags, domain) or (None, None)
    if key is None or flag is None or flags.flow_style:  # type: ignore[attr-defined]
        raise NotEditable(f"{domain!r} has no lines of its own")
    return key.start_mark.line + 1, text.count("\n", 0, _content_end(flag)) + 1


def _fractional(weighted: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """flagd's rule for shares; all flags use one seed, so that a visitor is in the same bucket of each."""
    return {"fractional": [{"cat": [BUCKETING_SEED, {"var": "targetingKey"}]}, *map(list, weighted)]}


def _pair(mapping: Any, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs = mapping.value if isinstance(mapping, yaml.MappingNode) else []
    return next((pair for pair in reversed(pairs) if pair[0].value == key), None)


def _value(mapping: Any, key: str) -> yaml.Node:
    pair = _pair(mapping, key)
    if pair is None:
        raise NotEditable(f"it has no {key!r} of its own")
    return pair[1]


def _default_edit(default: yaml.Node, variant: str) -> tuple[int, int, str]:
    quoted = isinstance(default, yaml.ScalarNode) and default.style is not None
    return default.start_mark.index, default.end_mark.index, json.dumps(variant) if quoted else _plain(variant)


def _targeting_edit(
    text: str, flag: yaml.Node, default: yaml.Node, fractional: dict[str, Any] | None
) -> tuple[int, int, str]:
    pair = _pair(flag, "targeting")
    if isinstance(flag, yaml.MappingNode) and flag.flow_style:
        return _flow_edit(default, pair, fractional)
    newline = "\r\n" if "\r\n" in text else "\n"
    if pair is None:
        at = _line_end(text, default.end_mark.index)
        block = _block(fractional, flag.value[0][0].start_mark.column, newline)
        return at, at, f"{newline}{block}" if block else ""
    key, rule = pair
    start, end = key.start_mark.index - key.start_mark.column, _content_end(rule)
    if fractional is None:
        return start - len(newline), _line_end(text, end), ""
    return start, end, _block(fractional, key.start_mark.column, newline)


def _flow_edit(
    default: yaml.Node, pair: tuple[yaml.Node, yaml.Node] | None, fractional: dict[str, Any] | None
) -> tuple[int, int, str]:
    if pair is not None:
        return pair[1].start_mark.index, pair[1].end_mark.index, json.dumps(fractional or {})
    at = default.end_mark.index
    return at, at, f', "targeting": {json.dumps(fractional)}' if fractional else ""


def _block(fractional: dict[str, Any] | None, indent: int, newline: str) -> str:
    if fractional is None:
        return ""
    _, *pairs = fractional["fractional"]
    lines = ["targeting:", "  fractional:", f"    - cat: [{BUCKETING_SEED}, {{var: targetingKey}}]"]
    lines += [f"    - [{_plain(variant)}, {weight}]" for variant, weight in pairs]
    return newline.join(" " * indent + line for line in lines)


def _plain(text: str) -> str:
    """The text as a YAML scalar, quoted if it would otherwise be parsed as another type."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _NO_STRING else json.dumps(text)


def _content_end(node: yaml.Node) -> int:
    """The index after a node's own characters; a block's end mark is after the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _content_end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"\r?$", re.MULTILINE).search(text, at)
    return found.start() if found else len(text)


def _check(before: str, after: str, domain: str, default: str, fractional: dict[str, Any] | None) -> None:
    """Verify that the edit changed only this flag, whatever anchors or merges the file uses."""
    wanted = copy.deepcopy(yaml.safe_load(before))
    flag = wanted["flags"][domain] = dict(wanted["flags"][domain])
    flag["defaultVariant"] = default
    flag["targeting"] = fractional or {}
    try:
        found = yaml.safe_load(after)
        found["flags"][domain].setdefault("targeting", {})
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotEditable("other parts of the file refer to it") from error
    if found != wanted:
        raise NotEditable("it shares lines with other parts of the file, or repeats a key")
