"""Compares both sides of a mismatch line by line, for each layer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from backend_clients.migration.mismatches.causes import differing_layers

_CONTEXT: Final = 2
_MAX_ROWS: Final = 200
_MAX_WIDTH: Final = 400


class Change(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Row:
    """A pair of lines, legacy's left and Lambda's right; for skipped lines `left` is their number."""

    change: Change
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class LayerDiff:
    """One layer; without rows if both sides are equal."""

    layer: str
    rows: tuple[Row, ...]


def side_by_side(legacy: Mapping[str, Any], remote: Mapping[str, Any]) -> tuple[LayerDiff, ...]:
    """Compare every layer in order; equal lines are skipped except around a difference."""
    different = {layer for layer, _ in differing_layers(dict(legacy), dict(remote))}
    return tuple(
        LayerDiff(layer, _rows(view, remote.get(layer)) if layer in different else ()) for layer, view in legacy.items()
    )


def _rows(legacy: Any, remote: Any) -> tuple[Row, ...]:
    left, right = _lines(legacy), _lines(remote)
    rows: list[Row] = []
    matcher = SequenceMatcher(None, left, right)
    for tag, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        if tag == "equal":
            first, last = from_left == 0, to_left == len(left)
            rows += _shortened(left[from_left:to_left], first, last)
        else:
            rows += _paired(left[from_left:to_left], right[from_right:to_right])
    if len(rows) > _MAX_ROWS:
        rows = [*rows[:_MAX_ROWS], Row(Change.SKIPPED, f"{len(rows) - _MAX_ROWS} more lines", "")]
    return tuple(rows)


def _lines(view: Any) -> list[str]:
    """Format as JSON without commas at line ends, which would make the last item of a list differ."""
    return [line.removesuffix(",") for line in json.dumps(view, ensure_ascii=False, indent=2).split("\n")]


def _paired(left: list[str], right: list[str]) -> Iterator[Row]:
    both = min(len(left), len(right))
    yield from (_changed(*pair) for pair in zip(left, right, strict=False))
    yield from (Row(Change.REMOVED, _cut(line), "") for line in left[both:])
    yield from (Row(Change.ADDED, "", _cut(line)) for line in right[both:])


def _changed(left: str, right: str) -> Row:
    """Pair two lines that differ; long lines are cut around the first difference."""
    pairs = enumerate(zip(left, right, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))
    start = max(0, same - _MAX_WIDTH // 4) if max(len(left), len(right)) > _MAX_WIDTH else 0
    return Row(Change.CHANGED, _cut(left, start), _cut(right, start))


def _cut(line: str, start: int = 0) -> str:
    part = line[start : start + _MAX_WIDTH]
    return f"{'…' if start else ''}{part}{'…' if start + _MAX_WIDTH < len(line) else ''}"


def _shortened(lines: list[str], first: bool, last: bool) -> list[Row]:
    """Reduce equal lines to those next to a difference, and the number of lines between."""
    before, after = 0 if first else _CONTEXT, 0 if last else _CONTEXT
    if len(lines) <= before + after + 1:
        return [Row(Change.SAME, _cut(line), _cut(line)) for line in lines]
    rows = [Row(Change.SAME, _cut(line), _cut(line)) for line in lines[:before]]
    rows.append(Row(Change.SKIPPED, f"{len(lines) - before - after} lines alike", ""))
    return rows + [Row(Change.SAME, _cut(line), _cut(line)) for line in lines[len(lines) - after :]] if after else rows
