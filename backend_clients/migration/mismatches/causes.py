"""The causes of a mismatch: where in an answer the sides differ and in which way, without the values."""

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
    """One way to differ. In `path`, list indexes and keys that are no field names read `[*]`: `hits[*].score`."""

    layer: str
    path: str
    kind: str


def signatures(layer: str, lines: Sequence[str]) -> tuple[Signature, ...]:
    """The distinct causes that difference lines of one layer tell, in their order.

    Lines that name no path, as when one side refused, are one cause of the whole layer: `legacy NotFound, lambda
    answered`.
    """
    found = [(_LINE.match(line), line) for line in lines]
    told = [Signature(layer, _path(match["path"]), match["kind"]) for match, _ in found if match]
    pathless = ", ".join(_signature_text(line) for match, line in found if match is None)
    if pathless or not lines:
        told.append(Signature(layer, WHOLE_LAYER, pathless or "unknown"))
    return tuple(dict.fromkeys(told))


def all_signatures(item: StoredComparison) -> tuple[Signature, ...] | None:
    """The causes in all layers, or in the first where no answers were kept; None if some are not known."""
    told = signatures(item.layer, item.differences)
    whole = len(item.differences) < MAX_DIFFERENCES
    if isinstance(item.legacy, dict) and isinstance(item.remote, dict):
        others = {layer: view for layer, view in item.legacy.items() if not (whole and layer == item.layer)}
        kept = [cause for layer, lines in differing_layers(others, item.remote) for cause in signatures(layer, lines)]
        return tuple(dict.fromkeys((*told, *kept)))
    return told if whole and not item.cut else None


def differing_layers(legacy: dict[str, Any], remote: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The layers that differ, each with all its differences."""
    for layer, view in legacy.items():
        lines = () if view == remote.get(layer) else differences(view, remote.get(layer))
        if lines:
            yield layer, lines


def _signature_text(line: str) -> str:
    """A line without its wording: `legacy: NotFound: no such story` reads `legacy NotFound`."""
    first, _, rest = line.partition(": ")
    return f"{first} {rest.partition(': ')[0]}" if first in ("legacy", "lambda") else first


def _path(parts: str) -> str:
    steps = (match["key"] or match["quoted"] or "" for match in _PART.finditer(parts))
    path = "".join(f".{key}" if _FIELD.fullmatch(key) else "[*]" for key in steps)
    return path.removeprefix(".") or WHOLE_LAYER
