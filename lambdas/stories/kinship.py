"""How closely stories are related: the same client, the same domain, shared tags."""

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from lambdas.stories.catalogue import Catalogue, Integers
from lambdas.stories.selection import strongest

_CLIENT_POINTS: Final = 3
_DOMAIN_POINTS: Final = 2


def related_rows(catalogue: Catalogue, row: int, limit: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """The stories closest to the one in `row`: their rows, scores and reasons, closest first, then by id."""
    tags = _tags(catalogue, row)
    scores = _CLIENT_POINTS * _same(catalogue, "clients", row) + _DOMAIN_POINTS * _same(catalogue, "domains", row)
    for code in tags.values():
        scores[catalogue.tags[code]] += 1
    scores[row] = 0
    kin = np.flatnonzero(scores)
    # The key puts the higher score first, and the lower row, that is the lower id, among equals.
    best = kin[strongest(scores[kin] * catalogue.size - kin, limit)]
    return [(other, int(scores[other]), tuple(_reasons(catalogue, row, other, tags))) for other in best.tolist()]


def _same(catalogue: Catalogue, field: str, row: int) -> Integers:
    """1 for each row with this row's value, 0 for the others; an empty value is like no other."""
    codes = catalogue.codes(field)
    same: Integers = ((codes == codes[row]) & (codes != 0)).astype(np.int64)
    return same


def _tags(catalogue: Catalogue, row: int) -> dict[str, int]:
    """The story's own spelling of its tags, with their codes."""
    card: dict[str, Any] = json.loads(bytes(catalogue.cards.raw(row)))
    spellings: dict[int, str] = {}
    for tag in card["tags"]:
        if (code := catalogue.tag_code(tag)) is not None:
            spellings.setdefault(code, tag)
    return {tag: code for code, tag in spellings.items()}


def _reasons(catalogue: Catalogue, row: int, other: int, tags: dict[str, int]) -> Iterator[str]:
    for field, reason in (("clients", "client"), ("domains", "domain")):
        codes = catalogue.codes(field)
        if codes[row] == codes[other] != 0:
            yield reason
    for tag, code in tags.items():
        carriers = catalogue.tags[code]
        position = int(np.searchsorted(carriers, other))
        if position < len(carriers) and carriers[position] == other:
            yield f"tag:{tag}"
