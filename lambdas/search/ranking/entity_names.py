"""Names of clients and divisions, and how a query may write them.

Names are compared squashed: case, accents, spaces, punctuation and "and" do not count, so that "JPMorgan" and "J.P.
Morgan" both name "JP Morgan Chase". A query names a client or a division by its whole name, and a client by short forms
as well. A name that is one ordinary word ("Target") counts where a capital says so: inside a sentence, or alone.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.industries import AGGREGATE_CLIENTS
from contracts.story import Story
from lambdas.common.index.postings import Postings, Rows, postings
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.index.vocabulary import Vocabulary, ordered_vocabulary
from lambdas.search.ranking.name_aliases import RowsByName, ShortNames, Written, initials, written_words
from lambdas.search.ranking.normalization import WORD, folded, name_words

Arrays = dict[str, NDArray[Any]]
_LONGEST: Final = 6  # words of a name that are looked at
_SHORTEST_PLURAL: Final = 5
_EXACTLY: Final = "="
_POSSESSIVE: Final = re.compile(r"['\u2019]s\b")
_SENTENCE_ENDS: Final = frozenset(".?!:")


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
    words = {word for name in (*clients, *divisions) for word in (*name_words(name), initials(name))}
    written = [written_words(story, words) for story in stories]
    return {
        **_kind("client", _ways(clients, written, shortened=True)),
        **_kind("division", _ways(divisions, written, shortened=False)),
    }


def _kind(kind: str, ways: RowsByName) -> Arrays:
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
        if name_words(name) and name.casefold() not in AGGREGATE_CLIENTS:
            rows[name].add(row)
    return rows


def _ways(names: RowsByName, written: Sequence[Written], *, shortened: bool) -> Mapping[str, set[int]]:
    """Squashed forms of names, each with the rows it stands for."""
    short = ShortNames(names, written)
    ways: dict[str, set[int]] = defaultdict(set)
    for name, rows in names.items():
        words = name_words(name)
        forms = [_EXACTLY + words[0] if len(words) == 1 and short.is_ordinary(words[0]) else "".join(words)]
        if shortened:
            forms += short.forms(name)
        for form in forms:
            ways[form] |= rows
    if shortened:
        for letters, rows in short.initials().items():
            ways.setdefault(letters, rows)
    return ways


def possible_names(query: str) -> set[str]:
    """What of a query may be a name: runs of its words, squashed, also without a last "s", and words in capitals."""
    words = name_words(query)
    runs = {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
    }
    singular = {run[:-1] for run in runs if run.endswith("s") and len(run) >= _SHORTEST_PLURAL}
    return runs | singular | {_EXACTLY + folded(word) for word in _capitalised(_POSSESSIVE.sub("", query))}


def _capitalised(query: str) -> Iterator[str]:
    """Words whose capital means something: it begins no sentence, and not every word has one. Or the word is alone."""
    words = list(WORD.finditer(query))
    if len(words) == 1 and words[0][0][0].isupper():
        yield words[0][0]
    if any(word[0][0].islower() for word in words):
        for before, word in pairwise(words):
            if word[0][0].isupper() and _SENTENCE_ENDS.isdisjoint(query[before.end() : word.start()]):
                yield word[0]
