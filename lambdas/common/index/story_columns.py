"""The columns that the catalog and the search index have in common; rows are stories sorted by id."""

from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from lambdas.common.index.facets import value_code
from lambdas.common.index.postings import Mask
from lambdas.common.index.snapshot import Snapshot, SnapshotError


class StoryColumns:
    """Typed access to the common columns of a snapshot; raises `SnapshotError` if it has another format."""

    def __init__(self, snapshot: Snapshot, format_number: int, noun: str) -> None:
        if snapshot.metadata.get("format") != format_number:
            raise SnapshotError(f"the {noun} has another format: ingest the corpus again with this code")
        self.snapshot = snapshot
        self.corpus_version: str = snapshot.metadata["corpus_version"]
        self.size: int = snapshot.metadata["count"]
        self.cards = snapshot.strings("cards")

    def code(self, field: str, value: str) -> int | None:
        """The code of a facet value, by its folded key; None if no story has it."""
        return value_code(self.snapshot, field, value)

    @cached_property
    def has_metric(self) -> Mask:
        return self._array("has_metric")

    @cached_property
    def narrative(self) -> Mask:
        return self._array("narrative")

    def _array(self, name: str) -> NDArray[Any]:
        return self.snapshot.array(name)
