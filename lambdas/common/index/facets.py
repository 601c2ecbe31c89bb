"""Facets: tag codes, and the rows over which each field is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.story import Story
from lambdas.common.index.postings import Mask
from lambdas.common.index.snapshot import Snapshot, string_table


@dataclass(frozen=True)
class Selection:
    """Matching rows, and for each filtered field the rows that match all *other* filters."""

    matches: Mask
    others: Mapping[str, Mask]

    @classmethod
    def of(cls, common: Mask, filtered: Mapping[str, Mask]) -> "Selection":
        """Combine the mask of non-facet filters with the mask of each filtered field."""
        return cls(_all_of(common, filtered), {field: _all_of(common, filtered, but=field) for field in filtered})

    def counted(self, field: str) -> Mask:
        """The rows over which a field's values are counted."""
        return self.others.get(field, self.matches)


@dataclass(frozen=True)
class CodedTags:
    """A corpus's tags: identified by casefolded key, shown in the spelling of the first story that has the tag.

    Codes follow the display order. `carried` has the sorted codes of each story; `tag_code` reads `arrays`.
    """

    labels: Sequence[str]
    carried: Sequence[Sequence[int]]
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, stories: Sequence[Story], first: int = 0) -> "CodedTags":
        """Codes from `first` on."""
        label: dict[str, str] = {}
        for story in stories:
            for tag in filter(None, story.tags):
                label.setdefault(tag.casefold(), tag)
        code = {key: number for number, key in enumerate(sorted(label, key=label.__getitem__), start=first)}
        keys = sorted(code)
        return cls(
            labels=[label[key] for key in code],
            carried=[sorted({code[tag.casefold()] for tag in story.tags if tag}) for story in stories],
            arrays={
                **string_table("tags.keys", keys),
                "tags.key_codes": np.array([code[key] for key in keys], np.int32),
            },
        )


def tag_code(snapshot: Snapshot, tag: str) -> int | None:
    """A tag's code, ignoring case; None if no story has the tag."""
    found = snapshot.strings("tags.keys").find(tag.casefold())
    return None if found is None else int(snapshot.array("tags.key_codes")[found])


def _all_of(common: Mask, filtered: Mapping[str, Mask], but: str = "") -> Mask:
    combined = common
    for field, mask in filtered.items():
        if field != but:
            combined = combined & mask
    return combined
