"""Builds the facet columns of the index: each story's codes, and each value's facet entry.

All facets share one range of codes, field by field, so that one pass counts them. Within a field, codes follow the
sorted values; the first code is the empty value, except for tags, which have none.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.story import Story
from lambdas.common.index.facets import CodedValues
from lambdas.common.index.snapshot import string_table
from lambdas.common.text.summaries import FIELD_ATTRIBUTES

Arrays = dict[str, NDArray[Any]]
_TAGS: Final = "tags"


def facet_arrays(stories: Sequence[Story]) -> Arrays:
    columns: list[CodedValues] = []
    starts = [0]
    for field, attribute in FIELD_ATTRIBUTES.items():
        values = ((getattr(story, attribute),) for story in stories)
        columns.append(CodedValues.of(field, values, first=starts[-1], single=True))
        starts.append(starts[-1] + len(columns[-1].labels))
    tags = CodedValues.of(_TAGS, (story.tags for story in stories), first=starts[-1])
    entries = [_entry(label) for coded in (*columns, tags) for label in coded.labels]
    return {
        **{name: array for coded in (*columns, tags) for name, array in coded.arrays.items()},
        **string_table("facets.entries", entries),
        "facets.starts": np.array([*starts, len(entries)], np.int64),
        "facets.codes": np.column_stack([np.array(coded.carried, np.int32)[:, 0] for coded in columns]),
        "tags.codes": np.array([code for codes in tags.carried for code in codes], np.int32),
        "tags.starts": np.cumsum([0, *map(len, tags.carried)], dtype=np.int64),
    }


def _entry(value: str) -> str:
    """A facet entry in JSON, with `%d` for the count."""
    return f'{{"value":{json.dumps(value, ensure_ascii=False).replace("%", "%%")},"count":%d}}'
