"""Builds the vocabulary, and the postings of all texts and of the fields that the keyword rule reads."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.rules.tokens import tokens
from contracts.story import Story
from lambdas.common.index.postings import postings
from lambdas.common.index.vocabulary import ordered_vocabulary

Arrays = dict[str, NDArray[Any]]
_SUMMARY_CHARACTERS: Final = 400


def heading_texts(story: Story) -> Iterable[str]:
    return story.title, story.domain


def haystack_texts(story: Story) -> Iterable[str]:
    """Headings included."""
    yield from heading_texts(story)
    yield from (story.client, story.role, *story.tags, story.curated_summary[:_SUMMARY_CHARACTERS])
    yield from story.process
    yield from story.performance


_POSTINGS: Final[dict[str, Callable[[Story], Iterable[str]]]] = {
    "texts": Story.texts,
    "haystacks": haystack_texts,
    "headings": heading_texts,
}


def word_arrays(stories: Sequence[Story]) -> Arrays:
    """The vocabulary, and the postings of each group of fields."""
    numbers: dict[str, int] = {}
    numbered = {name: [_numbered(texts(story), numbers) for story in stories] for name, texts in _POSTINGS.items()}
    vocabulary, code = ordered_vocabulary(numbers)
    arrays: Arrays = {"words": vocabulary}
    for name, rows in numbered.items():
        arrays |= postings(name, [code[np.frombuffer(row, np.int64)] for row in rows], len(vocabulary))
    return arrays


def _numbered(texts: Iterable[str], numbers: dict[str, int]) -> "array[int]":
    return array("q", {numbers.setdefault(token, len(numbers)) for text in texts for token in tokens(text)})
