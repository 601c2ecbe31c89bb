"""How closely stories are related: the same client, the same domain, shared tags."""

import json
from typing import Any, Final

import numpy as np

from lambdas.common.index.postings import Mask
from lambdas.stories.catalog import Catalogue
from lambdas.stories.facet_filter import strongest

_CLIENT_POINTS: Final = 3
_DOMAIN_POINTS: Final = 2


def related_rows(catalogue: Catalogue, row: int, limit: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """The stories closest to the one in `row`: their rows, scores and reasons, closest first, then by id."""
    clients, domains, tags = _same(catalogue, "clients", row), _same(catalogue, "domains", row), _tags(catalogue, row)
    carriers = [np.empty(0, np.int32), *(catalogue.tags[code] for code in tags.values())]
    scores = _CLIENT_POINTS * clients + _DOMAIN_POINTS * domains
    scores += np.bincount(np.concatenate(carriers), minlength=catalogue.size)
    scores[row] = 0
    kin = np.flatnonzero(scores)
    # The key puts the higher score first, and the lower row, that is the lower id, among equals.
    best = kin[strongest(scores[kin] * catalogue.size - kin, limit)].astype(np.int32)
    reasons = {"client": clients[best], "domain": domains[best]}
    reasons |= {f"tag:{tag}": catalogue.tags.carried(code, best) for tag, code in tags.items()}
    return [
        (other, int(scores[other]), tuple(reason for reason, holds in reasons.items() if holds[place]))
        for place, other in enumerate(best.tolist())
    ]


def _same(catalogue: Catalogue, field: str, row: int) -> Mask:
    """For each row whether it has this row's value; an empty value is like no other."""
    codes = catalogue.codes(field)
    same: Mask = (codes == codes[row]) & (codes != 0)
    return same


def _tags(catalogue: Catalogue, row: int) -> dict[str, int]:
    """The story's own spelling of its tags, with their codes."""
    card: dict[str, Any] = json.loads(bytes(catalogue.cards.raw(row)))
    spellings: dict[int, str] = {}
    for tag in card["tags"]:
        if (code := catalogue.tag_code(tag)) is not None:
            spellings.setdefault(code, tag)
    return {tag: code for code, tag in spellings.items()}
