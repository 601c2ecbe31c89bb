"""Facets: the code of a tag, and which rows each field is counted over."""

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.common.postings import Mask
from lambdas.common.snapshot import Snapshot


@dataclass(frozen=True)
class Selection:
    """Rows that match, and for the fields with a filter of their own the rows that match all *other* filters."""

    matches: Mask
    others: Mapping[str, Mask]

    @classmethod
    def of(cls, common: Mask, filtered: Mapping[str, Mask]) -> "Selection":
        """What passes the filters that are no facets and each field's own."""
        return cls(_all_of(common, filtered), {field: _all_of(common, filtered, but=field) for field in filtered})

    def counted(self, field: str) -> Mask:
        """The rows over which a field's values are counted."""
        return self.others.get(field, self.matches)


def tag_code(snapshot: Snapshot, tag: str) -> int | None:
    """A tag's code, whatever its case; None if no story carries it."""
    found = snapshot.strings("tags.keys").find(tag.casefold())
    return None if found is None else int(snapshot.array("tags.key_codes")[found])


def _all_of(common: Mask, filtered: Mapping[str, Mask], but: str = "") -> Mask:
    combined = common
    for field, mask in filtered.items():
        if field != but:
            combined = combined & mask
    return combined
