"""The causes of a mismatch: place and kind of each difference, without the values."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from backend_clients.records.reader import StoredComparison
from backend_clients.routing.comparison import MAX_DIFFERENCES, differences

WHOLE_LAYER: Final = "$"
_LINE: Final = re.compile(r"(?P<kind>\w+) root(?P<path>(?:\[(?:\d+|'.*?'|\".*?\")\])*): ", re.DOTALL)
_PART: Final = re.compile(r"\[(?:\d+|'(?P<key>.*?)'|\"(?P<quoted>.*?)\")\](?=\[|$)", re.DOTALL)
_TEXT: Final = ('{"new_value": "', '{"new_value": {', '{"new_value": [')
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """Layer, path and kind of a difference. In `path`, list indexes and non-field keys are `[*]`: `hits[*].score`.

    `delta` is the largest distance between two numbers that differ, None if no numbers do; `worded` is True if anything
    but numbers differs. Neither is part of the identity.
    """

    layer: str
    path: str
    kind: str
    delta: float | None = field(default=None, compare=False)
    worded: bool = field(default=True, compare=False)


def signatures(layer: str, lines: Sequence[str]) -> tuple[Signature, ...]:
    """The distinct causes in the difference lines of one layer, in their order.

    Lines without a path, such as an error of one side, form one cause of the whole layer: `legacy NotFound, lambda
    answered`.
    """
    matches = [(_LINE.match(line), line) for line in lines]
    causes = [_signature(layer, match, line) for match, line in matches if match]
    pathless = ", ".join(_signature_text(line) for match, line in matches if match is None)
    if pathless or not lines:
        causes.append(Signature(layer, WHOLE_LAYER, pathless or "unknown"))
    return merged(causes)


def merged(causes: Iterable[Signature]) -> tuple[Signature, ...]:
    """The distinct causes in their order, each with its largest `delta`."""
    found: dict[Signature, Signature] = {}
    for cause in causes:
        known = found.get(cause, cause)
        deltas = [delta for delta in (known.delta, cause.delta) if delta is not None]
        found[cause] = replace(cause, delta=max(deltas, default=None), worded=known.worded or cause.worded)
    return tuple(found.values())


def all_signatures(item: StoredComparison) -> tuple[Signature, ...] | None:
    """The causes in all layers, or in the first if no answers were stored; None if some causes are unknown."""
    first = signatures(item.layer, item.differences)
    whole = len(item.differences) < MAX_DIFFERENCES
    if isinstance(item.legacy, dict) and isinstance(item.remote, dict):
        others = {layer: view for layer, view in item.legacy.items() if not (whole and layer == item.layer)}
        kept = [cause for layer, lines in differing_layers(others, item.remote) for cause in signatures(layer, lines)]
        return merged((*first, *kept))
    return first if whole and not item.cut else None


def differing_layers(legacy: dict[str, Any], remote: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each layer that differs, with all its differences."""
    for layer, view in legacy.items():
        lines = () if view == remote.get(layer) else differences(view, remote.get(layer))
        if lines:
            yield layer, lines


def _signature(layer: str, match: re.Match[str], line: str) -> Signature:
    delta = _delta(line[match.end() :]) if match["kind"] == "values_changed" else None
    return Signature(layer, _path(match["path"]), match["kind"], delta, delta is None)


def _delta(change: str) -> float | None:
    """The distance between two numbers; None for other values, and infinite if a line was cut before its values."""
    try:
        values = json.loads(change)
    except ValueError:
        return None if change.startswith(_TEXT) else math.inf
    names = ("old_value", "new_value")
    old, new = (values.get(name) for name in names) if isinstance(values, dict) else (None, None)
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (old, new)):
        return None
    distance = abs(float(new) - float(old))  # type: ignore[arg-type]  # both are numbers
    return math.inf if math.isnan(distance) else distance


def _signature_text(line: str) -> str:
    """Strip a line's message: `legacy: NotFound: no such story` becomes `legacy NotFound`."""
    first, _, rest = line.partition(": ")
    return f"{first} {rest.partition(': ')[0]}" if first in ("legacy", "lambda") else first


def _path(parts: str) -> str:
    steps = (match["key"] or match["quoted"] or "" for match in _PART.finditer(parts))
    path = "".join(f".{key}" if _FIELD.fullmatch(key) else "[*]" for key in steps)
    return path.removeprefix(".") or WHOLE_LAYER
