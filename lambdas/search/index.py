"""Typed access to the search index; rows are stories sorted by id."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final

import numpy as np

from contracts.profile import ProfileFacts
from contracts.stories import FACET_FIELDS
from lambdas.common.index.postings import Integers, Postings, Rows, runs
from lambdas.common.index.snapshot import Snapshot, Strings
from lambdas.common.index.story_columns import StoryColumns
from lambdas.common.index.vocabulary import Vocabulary
from lambdas.search.nonsense_rules import NonsenseRules

FORMAT: Final = 11


class _Remembered(dict[int, str]):
    """A table's strings by index, decoded at first use."""

    def __init__(self, strings: Strings) -> None:
        super().__init__()
        self._strings = strings

    def __missing__(self, index: int) -> str:
        found = self[index] = self._strings[index]
        return found


class SearchIndex(StoryColumns):
    """Typed access to one index."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot, FORMAT, "index")
        self.fingerprint: str = snapshot.metadata["fingerprint"]
        self.embedder: str = snapshot.metadata["embedder"]
        self.suggestions: tuple[str, ...] = tuple(snapshot.metadata["suggestions"])
        self.owner = frozenset[str](snapshot.metadata["owner"])
        self.rules = NonsenseRules(snapshot.metadata["rules"])
        self.facts = ProfileFacts.model_validate(snapshot.metadata["facts"])
        self.dimensions: int = self._array("vectors").shape[1]
        self.words = Vocabulary(self._array("words"))
        self.terms = Vocabulary(self._array("topics.terms"))

    def facet_codes(self, rows: Rows) -> Rows:
        """The facet codes of rows: one column per field, without tags."""
        codes: Rows = self._array("facets.codes").take(rows, axis=0)
        return codes

    def tags(self, rows: Rows) -> tuple[Rows, Integers]:
        """The tag codes of rows in sequence, and for each code its position in `rows`."""
        places, _, lengths = runs(self._array("tags.starts"), rows)
        return self._array("tags.codes").take(places), np.repeat(np.arange(len(rows)), lengths)

    @cached_property
    def facet_starts(self) -> Integers:
        """The first code of each facet field, followed by the number of codes."""
        return self._array("facets.starts")

    @cached_property
    def facet_fields(self) -> Integers:
        """For each code the number of its field times 2**32, so that subtracting a count keeps the fields in order."""
        return np.repeat(np.arange(len(FACET_FIELDS)) << 32, np.diff(self.facet_starts))

    @cached_property
    def facet_entries(self) -> Mapping[int, str]:
        """For each code its facet entry in JSON, with `%d` for the count."""
        return _Remembered(self.snapshot.strings("facets.entries"))

    @cached_property
    def blank(self) -> Rows:
        """Rows without a text to embed; their vectors are zero."""
        return self._array("blank")

    @cached_property
    def texts(self) -> Postings:
        """Rows by the tokens of all their texts."""
        return Postings.of(self.snapshot, "texts")

    @cached_property
    def keyword_postings(self) -> Postings:
        """Rows by the tokens of the fields that the keyword rule reads."""
        return Postings.of(self.snapshot, "haystacks")

    @cached_property
    def heading_postings(self) -> Postings:
        """Rows by the tokens of title and domain, which the keyword rule counts twice."""
        return Postings.of(self.snapshot, "headings")
