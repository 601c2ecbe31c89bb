"""The index as the functions read it: rows are stories in the order of their ids."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lambdas.common.postings import Integers, Mask, Postings, Rows
from lambdas.common.snapshot import Snapshot, SnapshotError, Strings
from lambdas.common.vocabulary import Vocabulary
from lambdas.search.rules import NonsenseRules

FORMAT: Final = 1


class SearchIndex:
    """Typed access to one index. Code 0 of a facet field stands for the empty value."""

    def __init__(self, snapshot: Snapshot) -> None:
        if snapshot.metadata.get("format") != FORMAT:
            raise SnapshotError("the index is of another format: ingest the corpus again with this code")
        self.snapshot = snapshot
        self.corpus_version: str = snapshot.metadata["corpus_version"]
        self.fingerprint: str = snapshot.metadata["fingerprint"]
        self.embedder: str = snapshot.metadata["embedder"]
        self.suggestions: tuple[str, ...] = tuple(snapshot.metadata["suggestions"])
        self.rules = NonsenseRules(snapshot.metadata["rules"])
        self.size: int = snapshot.metadata["count"]
        self.dimensions: int = self._array("vectors").shape[1]
        self.cards = snapshot.strings("cards")
        self.words = Vocabulary(self._array("words"))

    def codes(self, field: str, rows: Rows) -> Rows:
        """The codes of some rows in a facet field other than `tags`."""
        codes: Rows = self._array(f"{field}.codes").take(rows)
        return codes

    def values(self, field: str) -> Strings:
        """A facet field's values in order; a value's index is its code."""
        return self.snapshot.strings(f"{field}.values")

    def facet_stems(self, field: str) -> Strings:
        """For each value the start of its facet entry in JSON; what lacks is the count and a closing brace."""
        return self.snapshot.strings(f"{field}.stems")

    def tag_code(self, tag: str) -> int | None:
        """A tag's code, whatever its case; None if no story carries it."""
        found = self.snapshot.strings("tags.keys").find(tag.casefold())
        return None if found is None else int(self._array("tags.key_codes")[found])

    def tags(self, rows: Rows) -> tuple[Rows, Integers]:
        """The tags of some rows one after the other: their codes, and the position in `rows` each belongs to."""
        starts = self._array("tags.starts")
        first = starts.take(rows)
        lengths = starts.take(rows + 1) - first
        ends = np.cumsum(lengths)
        owners = np.repeat(np.arange(len(rows)), lengths)
        places = np.arange(len(owners)) + np.repeat(first - ends + lengths, lengths)
        return self._array("tags.codes").take(places), owners

    @cached_property
    def has_metric(self) -> Mask:
        return self._array("has_metric")

    @cached_property
    def narrative(self) -> Mask:
        return self._array("narrative")

    @cached_property
    def blank(self) -> Rows:
        """Rows without a text to embed; their vectors are zero."""
        return self._array("blank")

    @cached_property
    def known(self) -> Mask:
        """For each word whether it stands in a story as a whole, and not only cut off at a summary's end."""
        return self._array("words.known")

    @cached_property
    def texts(self) -> Postings:
        """Rows by the words of all their texts."""
        return Postings.of(self.snapshot, "texts")

    @cached_property
    def haystacks(self) -> Postings:
        """Rows by the words that the keyword rule looks at."""
        return Postings.of(self.snapshot, "haystacks")

    @cached_property
    def headings(self) -> Postings:
        """Rows by the words of title and domain, which the keyword rule counts twice."""
        return Postings.of(self.snapshot, "headings")

    def _array(self, name: str) -> NDArray[Any]:
        return self.snapshot.array(name)
