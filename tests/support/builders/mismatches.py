"""Builders of stored comparisons."""

from typing import Any

from backend_clients.migration.mismatches.causes import differing_layers
from backend_clients.records.reader import StoredComparison


def stored(number: int = 1, **changes: Any) -> StoredComparison:
    """A mismatch of hybrid search at its scores, the answers not kept."""
    fields: dict[str, Any] = {
        "id": number,
        "at": 1_763_900_000.0 + number,
        "domain": "search",
        "operation": "hybrid",
        "stage": "shadow",
        "outcome": "mismatch",
        "layer": "scores",
        "legacy_ms": 3.2,
        "lambda_ms": 9.1,
        "cold_start": False,
        "request": {"query": "payments"},
        "differences": ('values_changed root[0][1]: {"new_value": 0.4, "old_value": 0.5}',),
        "legacy": None,
        "remote": None,
        "versions": {},
    }
    return StoredComparison(**fields | changes)


def kept(legacy: dict[str, Any], remote: dict[str, Any], number: int = 1, **changes: Any) -> StoredComparison:
    """A mismatch whose answers were kept: what is noted of it is the first layer that differs."""
    layer, lines = next(iter(differing_layers(legacy, remote)))
    return stored(number, layer=layer, differences=lines[:20], legacy=legacy, remote=remote, **changes)
