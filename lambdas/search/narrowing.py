"""Which of the stories found pass the filters, and how facets count them: set operations on codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from contracts.search import SearchFilters
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES
from contracts.story import NARRATIVE_THEME
from lambdas.common.postings import Integers, Mask, Rows
from lambdas.common.text import tokens
from lambdas.search.index import SearchIndex

_TAGS: Final = "tags"


@dataclass(frozen=True)
class Narrowed:
    """The rows found, which of them pass all filters, and for each filtered field which pass all the *other* ones.

    Masks go over positions in `rows`, not over the corpus.
    """

    index: SearchIndex
    rows: Rows
    passing: Mask
    others: Mapping[str, Mask]

    def facet_counts(self, field: str) -> tuple[Integers, Integers]:
        """A facet's codes with their counts: most frequent first, then by value, at most `MAX_FACET_VALUES`."""
        counted = self.others.get(field, self.passing)
        if field == _TAGS:
            tags, owners = self._tags
            counts = np.bincount(tags[counted.take(owners)])
        else:
            counts = np.bincount(self.index.codes(field, self.rows[counted]), minlength=1)
            counts[0] = 0  # the empty value
        codes = np.flatnonzero(counts)
        # Codes are in the order of their values, so a stable sort leaves equals in that order.
        best = codes[np.argsort(-counts[codes], kind="stable")[:MAX_FACET_VALUES]]
        return best, counts[best]

    @cached_property
    def _tags(self) -> tuple[Rows, Integers]:
        return self.index.tags(self.rows)


def narrow(index: SearchIndex, rows: Rows, filters: SearchFilters) -> Narrowed:
    """Apply filters to the rows found: AND across fields, OR within one.

    Narratives pass unless they are refused and their theme is not asked for by name.
    """
    named = [field for field in FACET_FIELDS if getattr(filters, field)]
    masks = {field: _field_mask(index, rows, field, getattr(filters, field)) for field in named}
    common = _common_mask(index, rows, filters)
    others = {field: _all_of(common, masks, but=field) for field in named}
    return Narrowed(index, rows, _all_of(common, masks), others)


def _common_mask(index: SearchIndex, rows: Rows, filters: SearchFilters) -> Mask:
    """What passes the filters that are no facets."""
    mask: Mask = np.ones(len(rows), np.bool_)
    if filters.has_metric is not None:
        mask &= index.has_metric.take(rows) == filters.has_metric
    if not filters.include_narratives and NARRATIVE_THEME not in filters.themes:
        mask &= ~index.narrative.take(rows)
    if wanted := set(tokens(filters.q)):
        codes = index.words.codes(wanted).tolist()
        mask &= len(codes) == len(wanted)
        for code in codes:
            mask &= index.texts.carried(code, rows)
    return mask


def _field_mask(index: SearchIndex, rows: Rows, field: str, values: tuple[str, ...]) -> Mask:
    mask: Mask
    if field == _TAGS:
        tags, owners = index.tags(rows)
        mask = np.zeros(len(rows), np.bool_)
        mask[owners[_among(tags, [index.tag_code(tag) for tag in values])]] = True
        return mask
    vocabulary = index.values(field)
    return _among(index.codes(field, rows), [vocabulary.find(value) for value in values])


def _among(codes: Rows, wanted: list[int | None]) -> Mask:
    return np.isin(codes, [code for code in wanted if code is not None])


def _all_of(common: Mask, masks: Mapping[str, Mask], but: str = "") -> Mask:
    combined = common
    for field, mask in masks.items():
        if field != but:
            combined = combined & mask
    return combined
