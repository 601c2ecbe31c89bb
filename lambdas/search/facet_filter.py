"""Filters search results and counts their facets, by set operations on facet codes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from contracts.rules.tokens import tokens
from contracts.search import SearchFilters
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES
from lambdas.common.index.facets import Selection
from lambdas.common.index.postings import Integers, Mask, Rows
from lambdas.search.index import SearchIndex

_TAGS: Final = "tags"
_COLUMNS: Final = FACET_FIELDS[: FACET_FIELDS.index(_TAGS)]  # tags come last


@dataclass(frozen=True)
class FacetCounts:
    """Codes with their counts, field after field: most frequent first, then by value, at most `MAX_FACET_VALUES`.

    `bounds[k]` is where the k-th field begins and the one before it ends.
    """

    codes: Integers
    counts: Integers
    bounds: Integers


class FilteredHits:
    """The matching rows, which of them pass all filters, and how often each facet value occurs among them.

    Masks go over positions in `rows`, not over the corpus.
    """

    def __init__(self, index: SearchIndex, rows: Rows, filters: SearchFilters) -> None:
        """Apply filters: AND across fields, OR within one."""
        self._index = index
        self._rows = rows
        named = [field for field in FACET_FIELDS if getattr(filters, field)]
        masks = {field: self._field_mask(field, getattr(filters, field)) for field in named}
        self._selection = Selection.of(self._common_mask(filters), masks)
        self.passing = self._selection.matches

    def facet_counts(self) -> FacetCounts:
        """Count each field's values over the rows that pass the filters of all *other* fields."""
        starts = self._index.facet_starts
        counts = np.bincount(self._counted_codes(), minlength=len(self._index.facet_fields))
        counts[starts[: len(_COLUMNS)]] = 0  # the empty values
        codes = np.flatnonzero(counts)
        # Codes are in the order of their values, so a stable sort leaves equals in that order.
        order = np.argsort(self._index.facet_fields[codes] - counts[codes], kind="stable")
        bounds = codes.searchsorted(starts)
        if len(codes) > MAX_FACET_VALUES:
            sizes = np.diff(bounds)
            place_in_field = np.arange(len(codes)) - np.repeat(bounds[:-1], sizes)
            order = order[place_in_field < MAX_FACET_VALUES]
            bounds = np.append(0, np.cumsum(np.minimum(sizes, MAX_FACET_VALUES)))
        codes = codes[order]
        return FacetCounts(codes, counts[codes], bounds)

    def _counted_codes(self) -> Rows:
        """All codes to be counted, one after the other."""
        tags, owners = self._tags
        if self.passing.all():
            return np.concatenate([self._codes.ravel(), tags])
        columns = np.column_stack([self._selection.counted(field) for field in _COLUMNS])
        return np.concatenate([self._codes[columns], tags[self._selection.counted(_TAGS).take(owners)]])

    def _field_mask(self, field: str, values: tuple[str, ...]) -> Mask:
        wanted = [code for value in values if (code := self._index.code(field, value)) is not None]
        if field != _TAGS:
            return np.isin(self._codes[:, _COLUMNS.index(field)], wanted)
        tags, owners = self._tags
        mask: Mask = np.zeros(len(self._rows), np.bool_)
        mask[owners[np.isin(tags, wanted)]] = True
        return mask

    def _common_mask(self, filters: SearchFilters) -> Mask:
        """The rows that pass the filters other than facets."""
        index, rows = self._index, self._rows
        mask: Mask = np.ones(len(rows), np.bool_)
        if filters.has_metric is not None:
            mask &= index.has_metric.take(rows) == filters.has_metric
        if not filters.with_narratives:
            mask &= ~index.narrative.take(rows)
        if wanted := set(tokens(filters.q)):
            codes = index.words.codes(wanted).tolist()
            mask &= len(codes) == len(wanted)
            for code in codes:
                mask &= index.texts.carried(code, rows)
        return mask

    @cached_property
    def _codes(self) -> Rows:
        return self._index.facet_codes(self._rows)

    @cached_property
    def _tags(self) -> tuple[Rows, Integers]:
        return self._index.tags(self._rows)
