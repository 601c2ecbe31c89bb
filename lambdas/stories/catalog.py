"""Typed access to a catalog; rows are stories sorted by id."""

from functools import cached_property
from typing import Final

import numpy as np

from contracts.stories import Sort
from lambdas.common.index.postings import Integers, Postings, Rows
from lambdas.common.index.snapshot import Snapshot, Strings
from lambdas.common.index.story_columns import StoryColumns

FORMAT: Final = 5


class Catalog(StoryColumns):
    """A catalog. Code 0 of a facet field is the empty value."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot, FORMAT, "catalog")
        self.owner: list[str] = snapshot.metadata["owner"]
        self.owner_facts: str = snapshot.metadata["owner_facts"]  # `OwnerFacts` as JSON
        self.ids = snapshot.strings("ids")

    def content_hash(self, row: int) -> str:
        digest: bytes = self.snapshot.array("hashes")[row].tobytes()
        return digest.hex()

    def codes(self, field: str) -> Integers:
        """Each row's code in a facet field other than `tags`."""
        return self._array(f"{field}.codes")

    def totals(self, field: str) -> Integers:
        """Number of rows for each code of a facet field other than `tags`."""
        return self._array(f"{field}.totals")

    def facet_stems(self, field: str) -> Strings:
        """For each code of a facet field its entry in JSON, up to the count and the closing brace."""
        return self.snapshot.strings(f"{field}.stems")

    def order(self, sort: Sort, *, browsing: bool) -> Rows:
        """Rows in an order; `browsing` leaves narratives out."""
        return self._array(f"order.{sort.value}.{'browse' if browsing else 'all'}")

    def unfiltered(self, *, browsing: bool) -> str:
        """The precomputed JSON members of an unfiltered list: total, facets and span."""
        return self.snapshot.strings("unfiltered")[0 if browsing else 1]

    def token_rows(self, token: str) -> Rows:
        """Rows whose texts contain a token."""
        code = self.snapshot.strings("tokens").find(token)
        return np.empty(0, np.int32) if code is None else self._tokens[code]

    def stem_rows(self, stem: str) -> Rows:
        """Rows whose texts contain a word with a stem; a row may come several times."""
        code = self.snapshot.strings("stems").find(stem)
        if code is None:
            return np.empty(0, np.int32)
        return np.concatenate(self._tokens.many(self._stems[code].astype(np.int64)))

    @cached_property
    def tags(self) -> Postings:
        return Postings.of(self.snapshot, "tags")

    @cached_property
    def starts(self) -> Rows:
        """Start months as YYYYMM; 0 if undated."""
        return self._array("starts")

    @cached_property
    def ends(self) -> Rows:
        """End months as YYYYMM, else start months; 0 if undated."""
        return self._array("ends")

    @cached_property
    def _tokens(self) -> Postings:
        return Postings.of(self.snapshot, "tokens")

    @cached_property
    def _stems(self) -> Postings:
        """For each stem the codes of the tokens that hold a word with it."""
        return Postings.of(self.snapshot, "stems")
