"""Facet codes of a corpus: each story's values, and how a facet shows them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.story import Story
from lambdas.common.cards import FIELD_ATTRIBUTES
from lambdas.common.snapshot import string_table

Arrays = dict[str, NDArray[Any]]


def facet_arrays(stories: Sequence[Story]) -> Arrays:
    arrays = _tags(stories)
    for field, attribute in FIELD_ATTRIBUTES.items():
        column = [getattr(story, attribute) for story in stories]
        values = sorted({"", *column})
        code = {value: index for index, value in enumerate(values)}
        arrays |= _vocabulary(field, values)
        arrays[f"{field}.codes"] = np.array([code[value] for value in column], np.int32)
    return arrays


def _vocabulary(name: str, values: Sequence[str]) -> Arrays:
    stems = [f'{{"value":{json.dumps(value, ensure_ascii=False)},"count":' for value in values]
    return {**string_table(f"{name}.values", values), **string_table(f"{name}.stems", stems)}


def _tags(stories: Sequence[Story]) -> Arrays:
    """Tags by row. A tag is known by its casefolded key and shown as its first carrier spells it."""
    label: dict[str, str] = {}
    for story in stories:
        for tag in filter(None, story.tags):
            label.setdefault(tag.casefold(), tag)
    code = {key: index for index, key in enumerate(sorted(label, key=label.__getitem__))}
    carried = [sorted({code[tag.casefold()] for tag in story.tags if tag}) for story in stories]
    keys = sorted(code)
    starts = np.zeros(len(stories) + 1, np.int64)
    np.cumsum([len(codes) for codes in carried], out=starts[1:])
    return {
        **_vocabulary("tags", [label[key] for key in code]),
        **string_table("tags.keys", keys),
        "tags.key_codes": np.array([code[key] for key in keys], np.int64),
        "tags.codes": np.array([number for codes in carried for number in codes], np.int32),
        "tags.starts": starts,
    }
