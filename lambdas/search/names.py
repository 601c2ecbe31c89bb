"""Names of clients and divisions, and how a query may write them.

Names are compared squashed: case, spaces and punctuation do not count, so that "JPMorgan" and "jp morgan" both name
"JP Morgan Chase". A query names

- a client or a division by its whole name,
- a client by the first words of its name, if one of them is distinctive,
- a client by one distinctive word of four letters or more.

A word is distinctive if it belongs to one name alone and the stories of others never write it in lower case:
"Greyfell" is, "Trust" in "Tessaly Trust" is not. A name that is one ordinary word ("Target") counts where it is spelled
exactly so.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.industries import AGGREGATE_CLIENTS
from contracts.story import Story
from lambdas.common.postings import Postings, Rows, postings
from lambdas.common.snapshot import Snapshot
from lambdas.common.vocabulary import Vocabulary, ordered_vocabulary

Arrays = dict[str, NDArray[Any]]
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 6  # words of a name that are looked at
_SHORTEST_PREFIX: Final = 5
_SHORTEST_WORD: Final = 4
_EXACTLY: Final = "="


class Names:
    """The ways to name one kind of thing, and the stories of each."""

    def __init__(self, snapshot: Snapshot, kind: str) -> None:
        self._ways = Vocabulary(snapshot.array(f"{kind}.ways"))
        self._rows = Postings.of(snapshot, f"{kind}.named")

    def named(self, written: Collection[str]) -> Rows:
        """Rows of the stories whose client or division is among the `possible_names` of a query, in order."""
        found = self._rows.many(self._ways.codes(written))
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)


def name_arrays(stories: Sequence[Story]) -> Arrays:
    """What `Names` reads, for the kinds `client` and `division`."""
    clients = _rows_by_name([story.client for story in stories])
    divisions = _rows_by_name([story.division for story in stories])
    words = {word for name in (*clients, *divisions) for word in _words(name)}
    written = [words.intersection(_WORD.findall("\n".join(story.texts()))) for story in stories]
    return {
        **_kind("client", _ways(clients, written, shortened=True)),
        **_kind("division", _ways(divisions, written, shortened=False)),
    }


def _kind(kind: str, ways: Mapping[str, set[int]]) -> Arrays:
    vocabulary, code = ordered_vocabulary(ways)
    rows = sorted((row, int(code[number])) for number, way in enumerate(ways) for row in ways[way])
    by_row: dict[int, list[int]] = defaultdict(list)
    for row, way in rows:
        by_row[row].append(way)
    count = max(by_row, default=-1) + 1
    return {
        f"{kind}.ways": vocabulary,
        **postings(f"{kind}.named", [np.array(by_row[row], np.int64) for row in range(count)], len(vocabulary)),
    }


def _rows_by_name(column: Sequence[str]) -> dict[str, set[int]]:
    rows: dict[str, set[int]] = defaultdict(set)
    for row, name in enumerate(column):
        if _words(name) and name.casefold() not in AGGREGATE_CLIENTS:
            rows[name].add(row)
    return rows


def _ways(names: Mapping[str, set[int]], written: Sequence[set[str]], *, shortened: bool) -> Mapping[str, set[int]]:
    """Squashed forms of names, each with the rows it stands for. `written` has the lower-case words of each row."""
    distinctive = _distinctive(names, written)
    ways: dict[str, set[int]] = defaultdict(set)
    for name, rows in names.items():
        words = _words(name)
        ordinary = len(words) == 1 and words[0] not in distinctive
        forms = [_EXACTLY + name if ordinary else "".join(words)]
        if shortened:
            forms += [word for word in words if word in distinctive and len(word) >= _SHORTEST_WORD]
            starts = (words[:count] for count in range(2, len(words)) if distinctive.intersection(words[:count]))
            forms += [form for form in map("".join, starts) if len(form) >= _SHORTEST_PREFIX]
        for form in forms:
            ways[form] |= rows
    return ways


def _distinctive(names: Mapping[str, set[int]], written: Sequence[set[str]]) -> set[str]:
    owners: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for word in set(_words(name)):
            owners[word].append(name)
    alone = {word: names[owner[0]] for word, owner in owners.items() if len(owner) == 1}
    for row, words in enumerate(written):
        for word in words & alone.keys():
            if row not in alone[word]:
                del alone[word]
    return set(alone)


def possible_names(query: str) -> set[str]:
    """What of a query may be a name: runs of its words, squashed, and each word as it is spelled."""
    words = _words(query)
    runs = {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
    }
    return runs.union(_EXACTLY + word for word in _WORD.findall(query))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
