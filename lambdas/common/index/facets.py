"""Facets: the codes of values, and the rows over which each field is counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.rules.folding import fold_key
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
class CodedValues:
    """A field's values: identified by folded key, shown in the spelling of the first story that has the value.

    Codes follow the labels in their order. `carried` has the sorted codes of each story; `value_code` reads `arrays`.
    """

    labels: Sequence[str]
    carried: Sequence[Sequence[int]]
    arrays: Mapping[str, NDArray[Any]]

    @classmethod
    def of(cls, field: str, values: Iterable[Iterable[str]], first: int = 0, *, single: bool = False) -> "CodedValues":
        """Codes from `first` on. Of a `single` field each story has one value, whose first code is the empty one."""
        keyed = [[(fold_key(value), value) for value in of_story] for of_story in values]
        label = {"": ""} if single else {}
        for key, value in chain.from_iterable(keyed):
            if key:
                label.setdefault(key, value)
        code = {key: number for number, key in enumerate(sorted(label, key=label.__getitem__), start=first)}
        keys = sorted(filter(None, code))
        return cls(
            labels=[label[key] for key in code],
            carried=[sorted({code[key] for key, _ in of_story if key in code}) for of_story in keyed],
            arrays={
                **string_table(f"{field}.keys", keys),
                f"{field}.key_codes": np.array([code[key] for key in keys], np.int32),
            },
        )


def value_code(snapshot: Snapshot, field: str, value: str) -> int | None:
    """A value's code, by its folded key; None if no story has the value."""
    found = snapshot.strings(f"{field}.keys").find(fold_key(value))
    return None if found is None else int(snapshot.array(f"{field}.key_codes")[found])


def _all_of(common: Mask, filtered: Mapping[str, Mask], but: str = "") -> Mask:
    combined = common
    for field, mask in filtered.items():
        if field != but:
            combined = combined & mask
    return combined
