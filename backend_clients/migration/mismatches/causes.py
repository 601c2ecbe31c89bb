"""The causes of a mismatch: place and kind of each difference, without the values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend_clients.records.reader import StoredComparison
from backend_clients.routing.comparison import MAX_DIFFERENCES, differences

WHOLE_LAYER: Final = "$"
_LINE: Final = re.compile(r"(?P<kind>\w+) root(?P<path>(?:\[(?:\d+|'.*?'|\".*?\")\])*): ", re.DOTALL)
_PART: Final = re.compile(r"\[(?:\d+|'(?P<key>.*?)'|\"(?P<quoted>.*?)\")\](?=\[|$)", re.DOTALL)
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """Layer, path and kind of a difference. In `path`, list indexes and non-field keys are `[*]`: `hits[*].score`."""

    layer: str
    path: str
    kind: str


def signatures(layer: str, lines: Sequence[str]) -> tuple[Signature, ...]:
    """The distinct causes in the difference lines of one layer, in their order.

    Lines without a path, such as an error of one side, form one cause of the whole layer: `legacy NotFound, lambda
    answered`.
    """
    matches = [(_LINE.match(line), line) for line in lines]
    causes = [Signature(layer, _path(match["path"]), match["kind"]) for match, _ in matches if match]
    pathless = ", ".join(_signature_text(line) for match, line in matches if match is None)
    if pathless or not lines:
        causes.append(Signature(layer, WHOLE_LAYER, pathless or "unknown"))
    return tuple(dict.fromkeys(causes))


def all_signatures(item: StoredComparison) -> tuple[Signature, ...] | None:
    """The causes in all layers, or in the first if no answers were stored; None if some causes are unknown."""
    first = signatures(item.layer, item.differences)
    whole = len(item.differences) < MAX_DIFFERENCES
    if isinstance(item.legacy, dict) and isinstance(item.remote, dict):
        others = {layer: view for layer, view in item.legacy.items() if not (whole and layer == item.layer)}
        kept = [cause for layer, lines in differing_layers(others, item.remote) for cause in signatures(layer, lines)]
        return tuple(dict.fromkeys((*first, *kept)))
    return first if whole and not item.cut else None


def differing_layers(legacy: dict[str, Any], remote: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each layer that differs, with all its differences."""
    for layer, view in legacy.items():
        lines = () if view == remote.get(layer) else differences(view, remote.get(layer))
        if lines:
            yield layer, lines


def _signature_text(line: str) -> str:
    """Strip a line's message: `legacy: NotFound: no such story` becomes `legacy NotFound`."""
    first, _, rest = line.partition(": ")
    return f"{first} {rest.partition(': ')[0]}" if first in ("legacy", "lambda") else first


def _path(parts: str) -> str:
    steps = (match["key"] or match["quoted"] or "" for match in _PART.finditer(parts))
    path = "".join(f".{key}" if _FIELD.fullmatch(key) else "[*]" for key in steps)
    return path.removeprefix(".") or WHOLE_LAYER
