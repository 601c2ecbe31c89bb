"""Ranks related stories by shared client, domain and tags."""

import json
from typing import Any, Final

import numpy as np

from lambdas.common.index.postings import Mask
from lambdas.stories.catalog import Catalog
from lambdas.stories.facet_filter import strongest

_CLIENT_POINTS: Final = 3
_DOMAIN_POINTS: Final = 2


def related_rows(catalog: Catalog, row: int, limit: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """Rows, scores and reasons of the stories related to the one in `row`; highest score first, then by id."""
    clients, domains, tags = _same(catalog, "clients", row), _same(catalog, "domains", row), _tags(catalog, row)
    carriers = [np.empty(0, np.int32), *(catalog.tags[code] for code in tags.values())]
    scores = _CLIENT_POINTS * clients + _DOMAIN_POINTS * domains
    scores += np.bincount(np.concatenate(carriers), minlength=catalog.size)
    scores[row] = 0
    related = np.flatnonzero(scores)
    # The key sorts by score; ties go to the lower row, which has the lower id.
    best = related[strongest(scores[related] * catalog.size - related, limit)].astype(np.int32)
    reasons = {"client": clients[best], "domain": domains[best]}
    reasons |= {f"tag:{tag}": catalog.tags.carried(code, best) for tag, code in tags.items()}
    return [
        (other, int(scores[other]), tuple(reason for reason, holds in reasons.items() if holds[place]))
        for place, other in enumerate(best.tolist())
    ]


def _same(catalog: Catalog, field: str, row: int) -> Mask:
    """Mask of the rows with the same value as `row`; empty values never match."""
    codes = catalog.codes(field)
    same: Mask = (codes == codes[row]) & (codes != 0)
    return same


def _tags(catalog: Catalog, row: int) -> dict[str, int]:
    """The story's tags in its own spelling, with their codes."""
    card: dict[str, Any] = json.loads(bytes(catalog.cards.raw(row)))
    spellings: dict[int, str] = {}
    for tag in card["tags"]:
        if (code := catalog.code("tags", tag)) is not None:
            spellings.setdefault(code, tag)
    return {tag: code for code, tag in spellings.items()}
