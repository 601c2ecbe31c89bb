"""Grounding: what an answer claims must stand in a story that it cites."""

import re
from collections.abc import Collection, Iterable, Sequence

from contracts.figures import figures
from contracts.industries import AGGREGATE_CLIENTS
from contracts.story import Story
from lambdas.ask.question import collapsed


def ungrounded(plain: str, cited: Sequence[Story], clients: Collection[str]) -> list[str]:
    """The figures and client names of plain prose that the cited stories do not hold; empty if it is grounded.

    Parameters
    ----------
    clients
        Every client of the corpus.
    """
    strangers = _named(plain, clients) - {collapsed(story.client).casefold() for story in cited}
    strange_figures = figures(plain) - _figures_of(cited)
    return [*sorted(strange_figures), *sorted(name for name in clients if collapsed(name).casefold() in strangers)]


def _figures_of(cited: Sequence[Story]) -> frozenset[str]:
    """Figures of the stories, the years of their dates, and how many stories there are."""
    texts = (text for story in cited for text in (*story.texts(), story.start_date[:4], story.end_date[:4]))
    return figures("\n".join(texts)) | {str(len(cited))}


def _named(plain: str, clients: Iterable[str]) -> set[str]:
    """The clients that the prose names, folded. A name within a longer one is not named; an aggregate is no name."""
    names = {folded: name for name in map(collapsed, clients) if (folded := name.casefold())}
    text = collapsed(plain)
    named: set[str] = set()
    for folded in sorted(names.keys() - AGGREGATE_CLIENTS, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(names[folded])}(?!\w)"
        kept = [match for match in re.finditer(pattern, text, re.IGNORECASE) if _is_name(match[0], names[folded])]
        if kept:
            named.add(folded)
            text = re.sub(pattern, "\n", text, flags=re.IGNORECASE)
    return named


def _is_name(found: str, name: str) -> bool:
    """Whether a word is meant as a name: "target" in lower case is not the client Target."""
    return " " in name or not found.islower() or name.islower()
