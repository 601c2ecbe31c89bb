"""Facet codes of a corpus: each story's values, and how a facet shows them.

All facets share one range of codes, field after field, so that they can be counted at once. Within a field codes are in
the order of the values; its first one stands for the empty value, but for tags, which have none.
"""

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.stories import FACET_FIELDS
from contracts.story import Story
from lambdas.common.cards import FIELD_ATTRIBUTES
from lambdas.common.snapshot import string_table

Arrays = dict[str, NDArray[Any]]


def facet_arrays(stories: Sequence[Story]) -> Arrays:
    columns = {field: [getattr(story, attribute) for story in stories] for field, attribute in FIELD_ATTRIBUTES.items()}
    label = _tag_labels(stories)
    values = {field: sorted({"", *column}) for field, column in columns.items()} | {"tags": sorted(label.values())}
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
        **_tags(stories, label, starts["tags"]),
    }


def _entry(value: str) -> str:
    """A facet entry in JSON, with `%d` for the count."""
    return f'{{"value":{json.dumps(value, ensure_ascii=False).replace("%", "%%")},"count":%d}}'


def _coded(column: Sequence[str], values: Sequence[str], start: int) -> NDArray[np.int32]:
    code = {value: start + index for index, value in enumerate(values)}
    return np.array([code[value] for value in column], np.int32)


def _tag_labels(stories: Sequence[Story]) -> dict[str, str]:
    """Tags by their casefolded keys, as their first carriers spell them."""
    label: dict[str, str] = {}
    for story in stories:
        for tag in filter(None, story.tags):
            label.setdefault(tag.casefold(), tag)
    return label


def _tags(stories: Sequence[Story], label: dict[str, str], start: int) -> Arrays:
    code = {key: start + index for index, key in enumerate(sorted(label, key=label.__getitem__))}
    carried = [sorted({code[tag.casefold()] for tag in story.tags if tag}) for story in stories]
    keys = sorted(code)
    starts = np.zeros(len(stories) + 1, np.int64)
    np.cumsum([len(codes) for codes in carried], out=starts[1:])
    return {
        **string_table("tags.keys", keys),
        "tags.key_codes": np.array([code[key] for key in keys], np.int32),
        "tags.codes": np.array([number for codes in carried for number in codes], np.int32),
        "tags.starts": starts,
    }
