"""Builds the facet columns of the index: each story's codes, and each value's facet entry.

All facets share one range of codes, field by field, so that one pass counts them. Within a field, codes follow the
sorted values; the first code is the empty value, except for tags, which have none.
"""

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.stories import FACET_FIELDS
from contracts.story import Story
from lambdas.common.index.facets import CodedTags
from lambdas.common.index.snapshot import string_table
from lambdas.common.text.summaries import FIELD_ATTRIBUTES

Arrays = dict[str, NDArray[Any]]


def facet_arrays(stories: Sequence[Story]) -> Arrays:
    columns = {field: [getattr(story, attribute) for story in stories] for field, attribute in FIELD_ATTRIBUTES.items()}
    values = {field: sorted({"", *column}) for field, column in columns.items()}
    tags = CodedTags.of(stories, first=sum(map(len, values.values())))
    values |= {"tags": list(tags.labels)}
    starts = dict(
        zip(FACET_FIELDS, accumulate((len(values[field]) for field in FACET_FIELDS), initial=0), strict=False)
    )
    coded = [_coded(column, values[field], starts[field]) for field, column in columns.items()]
    tables = {
        name: array for field in columns for name, array in string_table(f"{field}.values", values[field]).items()
    }
    everything = [value for field in FACET_FIELDS for value in values[field]]
    return {
        **tables,
        **string_table("facets.entries", [_entry(value) for value in everything]),
        "facets.starts": np.array([*starts.values(), len(everything)], np.int64),
        "facets.codes": np.column_stack(coded),
        **tags.arrays,
        "tags.codes": np.array([code for codes in tags.carried for code in codes], np.int32),
        "tags.starts": np.cumsum([0, *map(len, tags.carried)], dtype=np.int64),
    }


def _entry(value: str) -> str:
    """A facet entry in JSON, with `%d` for the count."""
    return f'{{"value":{json.dumps(value, ensure_ascii=False).replace("%", "%%")},"count":%d}}'


def _coded(column: Sequence[str], values: Sequence[str], start: int) -> NDArray[np.int32]:
    code = {value: start + index for index, value in enumerate(values)}
    return np.array([code[value] for value in column], np.int32)
