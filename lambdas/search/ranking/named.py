"""Stories of what a query names: all of them, before all others.

A query may mention several names. Stories of the most mentions come first; then the mentions' stories come in turn. Of
a name that is a client and an employer the client's stories come first.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.rules.folding import fold_key
from contracts.rules.names.forms import Aliases, NameTable, name_table
from contracts.rules.names.mentions import NameFinder
from contracts.story import Story
from lambdas.common.index.postings import Postings, Rows, postings
from lambdas.search.index import SearchIndex

Arrays = dict[str, NDArray[Any]]
Scores = NDArray[np.float64]
_WEIGHTS: Final[Mapping[str, int]] = {"client": 2, "division": 1, "employer": 0}
_MOST: Final = 1 + max(_WEIGHTS.values())
_DIGITS: Final = 6


class NamedRows(NamedTuple):
    """The rows that one mention names, in order, and how much being named weighs for each."""

    rows: Rows
    weights: NDArray[np.int64]


class NamedStories:
    """Finds the stories of the names that a query mentions."""

    def __init__(self, index: SearchIndex) -> None:
        names, forms = json.loads(index.snapshot.array("names.table").tobytes())
        self._index = index
        self._finder = NameFinder(NameTable(names, forms), self._is_word)
        self._rows = {kind: Postings.of(index.snapshot, f"named.{kind}") for kind in _WEIGHTS}

    def mentioned(self, query: str) -> list[NamedRows]:
        """One entry for each mention in the query's order; the same names twice are one."""
        return [self._named(names) for names in dict.fromkeys(mention.names for mention in self._finder.find(query))]

    def _named(self, names: frozenset[int]) -> NamedRows:
        codes = np.array(sorted(names), np.int64)
        found = [(rows, weight) for kind, weight in _WEIGHTS.items() for rows in self._rows[kind].many(codes)]
        rows = np.concatenate([carriers for carriers, _ in found])
        weights = np.repeat([weight for _, weight in found], [len(carriers) for carriers, _ in found])
        order = np.lexsort((-weights, rows))
        rows, weights = rows[order], weights[order]
        first = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
        return NamedRows(rows[first], weights[first])

    def _is_word(self, word: str) -> bool:
        return any(len(self._index.texts[code]) for code in self._index.words.codes([word]).tolist())


def named_arrays(stories: Sequence[Story], aliases: Aliases) -> Arrays:
    """What `NamedStories` reads."""
    table = name_table(stories, aliases)
    number = {fold_key(name): place for place, name in enumerate(table.names)}
    packed = json.dumps([table.names, table.forms], ensure_ascii=False).encode()
    arrays: Arrays = {"names.table": np.frombuffer(packed, np.uint8)}
    for kind in _WEIGHTS:
        found = [number.get(fold_key(getattr(story, kind))) for story in stories]
        carried = [np.array([] if place is None else [place], np.int64) for place in found]
        arrays |= postings(f"named.{kind}", carried, len(table.names))
    return arrays


def named_first(rows: Rows, scores: Scores, mentions: Sequence[NamedRows]) -> tuple[Scores, NDArray[np.bool_]]:
    """Scores by which named rows come before all others and mentions in turn, and which rows are named.

    All rows that are named must be among `rows`, which are in order.
    """
    named = np.zeros(len(rows), np.int64)
    if not mentions:
        return scores, named.astype(np.bool_)
    first = np.full(len(rows), -1)
    weighed = np.zeros(len(rows))
    for number, mention in enumerate(mentions):
        places = np.searchsorted(rows, mention.rows)
        named[places] += 1
        fresh = places[first[places] < 0]
        weighed[fresh] = (mention.weights[first[places] < 0] + np.maximum(scores[fresh], 0)) / _MOST
        first[fresh] = number
    lifted = scores / 2
    chosen = np.flatnonzero(named)
    if len(mentions) == 1:
        lifted[chosen] = (1 + weighed[chosen]) / 2
    else:
        order = _in_turn(named[chosen], first[chosen], np.round(weighed[chosen], _DIGITS))
        lifted[chosen[order]] = (1 + np.arange(len(chosen), 0, -1) / len(chosen)) / 2
    return lifted, named > 0


def _in_turn(named: NDArray[np.int64], first: NDArray[np.int64], scores: Scores) -> NDArray[np.int64]:
    """Places in the order in which they are shown: by mentions, then one of each mention after the other."""
    by_mention = np.lexsort((np.arange(len(scores)), -scores, first, -named))
    begins = np.append(True, (np.diff(first[by_mention]) != 0) | (np.diff(named[by_mention]) != 0))[: len(scores)]
    at = np.arange(len(scores))
    turn = np.empty(len(scores), np.int64)
    turn[by_mention] = at - np.maximum.accumulate(np.where(begins, at, 0))
    order: NDArray[np.int64] = np.lexsort((first, turn, -named))
    return order
