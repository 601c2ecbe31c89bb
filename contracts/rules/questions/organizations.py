"""Clients and employers as questions write them: placeholders, the owner as employer, initials and typos."""

from functools import lru_cache
from typing import Final

from contracts.rules.names.forms import name_table
from contracts.rules.names.mentions import NameFinder
from contracts.rules.names.ordinary_words import ORDINARY_WORDS
from contracts.rules.questions.generic_words import is_topical, words
from contracts.story import Story

_AGGREGATES: Final = frozenset(
    {"multiple clients", "various clients", "fortune 500 clients", "independent project", "independent projects"}
)
_SELF: Final = frozenset(
    {"self", "self-employed", "self employed", "freelance", "freelancer", "independent", "none", "n/a"}
)


def is_aggregate(client: str) -> bool:
    """Whether a client is a placeholder such as "Multiple Clients"."""
    return " ".join(client.split()).casefold() in _AGGREGATES


def is_self(employer: str) -> bool:
    """Whether an employer is the owner, as "Self" is."""
    return " ".join(employer.split()).casefold() in _SELF


def otherwise_written(question: str, organizations: tuple[str, ...]) -> dict[str, list[str]]:
    """Organizations with the words that name them by initials or with a typo."""
    names, finder = _finder(organizations)
    plain = not any(char.isupper() for char in question[1:])
    found: dict[str, list[str]] = {}
    for mention in finder.find(question):
        written = question[mention.start : mention.end]
        if len(mention.names) == 1 and words(written) and (plain or any(char.isupper() for char in written)):
            found.setdefault(names[min(mention.names)], words(written))
    return found


@lru_cache(maxsize=8)
def _finder(organizations: tuple[str, ...]) -> tuple[tuple[str, ...], NameFinder]:
    stories = [Story(id=str(number), client=name) for number, name in enumerate(organizations)]
    table = name_table(stories)
    return table.names, NameFinder(table, lambda word: not is_topical(word) or word in ORDINARY_WORDS)
