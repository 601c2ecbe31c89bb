"""Filters, facets and order of stories, vectorised over the catalog's columns."""

from typing import Final

import numpy as np

from contracts.rules.questions.generic_words import stems
from contracts.rules.tokens import tokens
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES, Sort, StoryFilters, StoryListRequest
from lambdas.common.index.facets import Selection
from lambdas.common.index.postings import Integers, Mask, Rows
from lambdas.stories.catalog import Catalog

_TAGS: Final = "tags"


def is_unfiltered(filters: StoryListRequest) -> bool:
    """Whether there is no filter other than `include_narratives`."""
    words = tokens(filters.q) or filters.mentions
    return filters.has_metric is None and not words and not any(getattr(filters, f) for f in FACET_FIELDS)


def select(catalog: Catalog, filters: StoryFilters) -> Selection:
    """Apply filters: AND across fields, OR within one.

    Narratives are excluded unless requested by flag or by their theme.
    """
    named = {field: getattr(filters, field) for field in FACET_FIELDS if getattr(filters, field)}
    masks = {field: _field_mask(catalog, field, values) for field, values in named.items()}
    common = _common_mask(catalog, filters)
    shown = common if filters.with_narratives else common & ~catalog.narrative
    return Selection.of(shown, masks)


def page(catalog: Catalog, selection: Selection, sort: Sort, start: int, stop: int) -> Rows:
    """Matching rows `start` to `stop` in an order."""
    order = catalog.order(sort, browsing=False)
    return order[selection.matches[order]][start:stop]


def facets(catalog: Catalog, selection: Selection) -> dict[str, list[tuple[int, int]]]:
    """Codes and counts of each facet field.

    Most frequent first, then by value; at most `MAX_FACET_VALUES`.
    """
    shared = _Sample(selection.matches)
    own = {field: _Sample(mask) for field, mask in selection.others.items()}
    return {field: _most_frequent(_counts(catalog, field, own.get(field, shared))) for field in FACET_FIELDS}


def span(catalog: Catalog, matches: Mask) -> tuple[str, str]:
    """First start and last end of the matches; "" if no match is dated."""
    starts = catalog.starts[matches]
    dated = starts[starts > 0]
    ends = catalog.ends[matches]
    return _month(int(dated.min()) if dated.size else 0), _month(int(ends.max()) if ends.size else 0)


def strongest(keys: Integers, limit: int) -> Integers:
    """Indices of the largest keys, largest first."""
    if len(keys) > limit:
        kept = np.argpartition(-keys, limit)[:limit]
        return kept[np.argsort(-keys[kept], kind="stable")]
    return np.argsort(-keys, kind="stable")


def _common_mask(catalog: Catalog, filters: StoryFilters) -> Mask:
    """Rows that pass the non-facet filters: `has_metric`, `q` and `mentions`."""
    mask: Mask = np.ones(catalog.size, np.bool_)
    if filters.has_metric is not None:
        mask &= catalog.has_metric == filters.has_metric
    for token in set(tokens(filters.q)):
        mask &= _mask_of(catalog, catalog.token_rows(token))
    for value in filters.mentions if isinstance(filters, StoryListRequest) else ():
        rows = [catalog.stem_rows(stem) for stem in set(stems(value))]
        mask &= _mask_of(catalog, np.concatenate(rows) if rows else np.empty(0, np.int32))
    return mask


def _field_mask(catalog: Catalog, field: str, values: tuple[str, ...]) -> Mask:
    codes = [code for value in values if (code := catalog.code(field, value)) is not None]
    if field == _TAGS:
        mask: Mask = np.zeros(catalog.size, np.bool_)
        for code in codes:
            mask[catalog.tags[code]] = True
        return mask
    wanted: Mask = np.zeros(len(catalog.totals(field)), np.bool_)
    wanted[codes] = True
    return wanted.take(catalog.codes(field))


class _Sample:
    """The rows to count, or their complement if it is smaller."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.left_out = int(mask.sum()) * 2 > len(mask)
        self.rows = np.flatnonzero(~mask if self.left_out else mask)


def _counts(catalog: Catalog, field: str, sample: _Sample) -> Integers:
    if field == _TAGS:
        return _count_tags(catalog, sample.mask)
    totals = catalog.totals(field)
    counted = np.bincount(catalog.codes(field).take(sample.rows), minlength=len(totals))
    counts: Integers = totals - counted if sample.left_out else counted
    counts[0] = 0  # the empty value
    return counts


def _count_tags(catalog: Catalog, mask: Mask) -> Integers:
    starts = catalog.tags.starts[:-1]
    if not len(starts):
        return starts
    carried = mask.view(np.uint8).take(catalog.tags.rows)
    return np.add.reduceat(carried, starts, dtype=np.int64)


def _most_frequent(counts: Integers) -> list[tuple[int, int]]:
    codes = np.flatnonzero(counts)
    # Codes are sorted by value, so the smaller code wins among equal counts.
    best = codes[strongest(counts[codes] * (len(counts) + 1) - codes, MAX_FACET_VALUES)]
    return list(zip(best.tolist(), counts[best].tolist(), strict=True))


def _mask_of(catalog: Catalog, rows: Rows) -> Mask:
    mask: Mask = np.zeros(catalog.size, np.bool_)
    mask[rows] = True
    return mask


def _month(number: int) -> str:
    return f"{number // 100:04d}-{number % 100:02d}" if number else ""
