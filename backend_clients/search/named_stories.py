"""Stories of the clients, employers and divisions that a query names: all of them, before all others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from backend_clients.corpus.corpus import Corpus
from contracts.rules.folding import fold_key
from contracts.rules.names.forms import name_table
from contracts.rules.names.mentions import NameFinder
from contracts.rules.tokens import token_set

_WEIGHTS: Final = {"client": 2, "division": 1, "employer": 0}
_MOST: Final = 3
_DIGITS: Final = 6

Mentioned = Mapping[int, int]  # the rows that a mention names, and how much being named weighs for each


class NamedStories:
    """Finds the rows of a corpus that a query names."""

    def __init__(self, corpus: Corpus) -> None:
        known = token_set(text for story in corpus.stories for text in story.texts())
        table = name_table(corpus.stories, corpus.facts.aliases)
        self._finder = NameFinder(table, known.__contains__)
        numbers = {fold_key(name): number for number, name in enumerate(table.names)}
        self._rows: dict[int, dict[int, int]] = defaultdict(dict)
        for row, story in enumerate(corpus.stories):
            for kind, weight in _WEIGHTS.items():
                number = numbers.get(fold_key(getattr(story, kind)))
                if number is not None:
                    self._rows[number].setdefault(row, weight)  # the kinds are in order of weight

    def mentioned(self, query: str) -> list[Mentioned]:
        """One entry for each mention in the query's order; the same names twice are one."""
        found: list[Mentioned] = []
        for names in dict.fromkeys(mention.names for mention in self._finder.find(query)):
            rows: dict[int, int] = {}
            for number in names:
                for row, weight in self._rows[number].items():
                    rows[row] = max(weight, rows.get(row, 0))
            found.append(rows)
        return found


def named_first(scores: Mapping[int, float], mentions: Sequence[Mentioned]) -> dict[int, float]:
    """Scores by which named rows come first: those of the most mentions, then the mentions' rows in turn."""
    if not mentions:
        return dict(scores)
    lifted = {row: score / 2 for row, score in scores.items()}
    first: dict[int, int] = {}
    weighed: dict[int, float] = {}
    for number, rows in enumerate(mentions):
        for row in rows.keys() - first.keys():
            first[row] = number
            weighed[row] = (rows[row] + max(scores[row], 0.0)) / _MOST
    if len(mentions) == 1:
        return lifted | {row: (1 + weight) / 2 for row, weight in weighed.items()}
    named = {row: sum(row in rows for rows in mentions) for row in first}
    turns: dict[tuple[int, int], int] = defaultdict(int)
    place: dict[int, tuple[int, int, int]] = {}
    for row in sorted(first, key=lambda row: (-round(weighed[row], _DIGITS), row)):
        group = (named[row], first[row])
        place[row] = (-named[row], turns[group], first[row])
        turns[group] += 1
    order = sorted(first, key=place.__getitem__)
    return lifted | {row: (1 + (len(order) - at) / len(order)) / 2 for at, row in enumerate(order)}
