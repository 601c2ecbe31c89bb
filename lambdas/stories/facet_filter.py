"""Which rows a filter keeps, how facets count them, and in which order they come: numpy over whole columns."""

from typing import Final

import numpy as np

from contracts.rules.tokens import tokens
from contracts.stories import FACET_FIELDS, MAX_FACET_VALUES, Sort, StoryFilters
from contracts.story import NARRATIVE_THEME
from lambdas.common.index.facets import Selection
from lambdas.common.index.postings import Integers, Mask, Rows
from lambdas.stories.catalog import Catalogue

_TAGS: Final = "tags"


def is_unfiltered(filters: StoryFilters) -> bool:
    """Whether nothing is filtered but, maybe, narratives."""
    return filters.has_metric is None and not tokens(filters.q) and not any(getattr(filters, f) for f in FACET_FIELDS)


def select(catalogue: Catalogue, filters: StoryFilters) -> Selection:
    """Apply filters: AND across fields, OR within one.

    Narratives are left out unless asked for, by flag or by naming their theme.
    """
    named = {field: getattr(filters, field) for field in FACET_FIELDS if getattr(filters, field)}
    masks = {field: _field_mask(catalogue, field, values) for field, values in named.items()}
    common = _common_mask(catalogue, filters)
    wanted = filters.include_narratives or NARRATIVE_THEME in filters.themes
    shown = common if wanted else common & ~catalogue.narrative
    return Selection.of(shown, masks)


def page(catalogue: Catalogue, selection: Selection, sort: Sort, start: int, stop: int) -> Rows:
    """Matching rows `start` to `stop` in an order."""
    order = catalogue.order(sort, browsing=False)
    return order[selection.matches[order]][start:stop]


def facets(catalogue: Catalogue, selection: Selection) -> dict[str, list[tuple[int, int]]]:
    """For each facet field its codes with their counts.

    The most frequent come first, then the first by value; there are at most `MAX_FACET_VALUES`.
    """
    shared = _Sample(selection.matches)
    own = {field: _Sample(mask) for field, mask in selection.others.items()}
    return {field: _most_frequent(_counts(catalogue, field, own.get(field, shared))) for field in FACET_FIELDS}


def span(catalogue: Catalogue, matches: Mask) -> tuple[str, str]:
    """First start and last end of the matches, "" where no match is dated."""
    starts = catalogue.starts[matches]
    dated = starts[starts > 0]
    ends = catalogue.ends[matches]
    return _month(int(dated.min()) if dated.size else 0), _month(int(ends.max()) if ends.size else 0)


def strongest(keys: Integers, limit: int) -> Integers:
    """Indices of the largest keys, largest first."""
    if len(keys) > limit:
        kept = np.argpartition(-keys, limit)[:limit]
        return kept[np.argsort(-keys[kept], kind="stable")]
    return np.argsort(-keys, kind="stable")


def _common_mask(catalogue: Catalogue, filters: StoryFilters) -> Mask:
    """Rows that pass what is no facet: `has_metric` and `q`."""
    mask: Mask = np.ones(catalogue.size, np.bool_)
    if filters.has_metric is not None:
        mask &= catalogue.has_metric == filters.has_metric
    for token in set(tokens(filters.q)):
        mask &= _mask_of(catalogue, catalogue.token_rows(token))
    return mask


def _field_mask(catalogue: Catalogue, field: str, values: tuple[str, ...]) -> Mask:
    if field == _TAGS:
        codes = {code for tag in values if (code := catalogue.tag_code(tag)) is not None}
        mask: Mask = np.zeros(catalogue.size, np.bool_)
        for code in codes:
            mask[catalogue.tags[code]] = True
        return mask
    vocabulary = catalogue.values(field)
    wanted: Mask = np.zeros(len(vocabulary), np.bool_)
    wanted[[code for value in values if (code := vocabulary.find(value)) is not None]] = True
    return wanted.take(catalogue.codes(field))


class _Sample:
    """The rows a facet is counted over, or, if these are fewer, the rows it is not."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.left_out = int(mask.sum()) * 2 > len(mask)
        self.rows = np.flatnonzero(~mask if self.left_out else mask)


def _counts(catalogue: Catalogue, field: str, sample: _Sample) -> Integers:
    if field == _TAGS:
        return _count_tags(catalogue, sample.mask)
    totals = catalogue.totals(field)
    counted = np.bincount(catalogue.codes(field).take(sample.rows), minlength=len(totals))
    counts: Integers = totals - counted if sample.left_out else counted
    counts[0] = 0  # the empty value
    return counts


def _count_tags(catalogue: Catalogue, mask: Mask) -> Integers:
    starts = catalogue.tags.starts[:-1]
    if not len(starts):
        return starts
    carried = mask.view(np.uint8).take(catalogue.tags.rows)
    return np.add.reduceat(carried, starts, dtype=np.int64)


def _most_frequent(counts: Integers) -> list[tuple[int, int]]:
    codes = np.flatnonzero(counts)
    # Codes are in the order of their values, so that the smaller code wins among equal counts.
    best = codes[strongest(counts[codes] * (len(counts) + 1) - codes, MAX_FACET_VALUES)]
    return list(zip(best.tolist(), counts[best].tolist(), strict=True))


def _mask_of(catalogue: Catalogue, rows: Rows) -> Mask:
    mask: Mask = np.zeros(catalogue.size, np.bool_)
    mask[rows] = True
    return mask


def _month(number: int) -> str:
    return f"{number // 100:04d}-{number % 100:02d}" if number else ""
