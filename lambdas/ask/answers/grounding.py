"""Grounding: what an answer claims must stand in a story that it cites."""

from collections.abc import Collection, Sequence

from contracts.industries import AGGREGATE_CLIENTS
from contracts.rules.client_mentions import find_mentions
from contracts.rules.figures import extract_figures
from contracts.story import Story


def ungrounded(plain: str, cited: Sequence[Story], clients: Collection[str]) -> list[str]:
    """The figures and client names of plain prose that the cited stories do not hold; empty if it is grounded.

    Parameters
    ----------
    clients
        Every client of the corpus.
    """
    strange_figures = extract_figures(plain) - _figures_of(cited)
    return [*sorted(strange_figures), *sorted(_strangers(plain, cited, clients))]


def _strangers(plain: str, cited: Sequence[Story], clients: Collection[str]) -> list[str]:
    """The clients that are named in the prose and in none of the stories; an aggregate is nobody's name."""
    names = [name for name in clients if name.casefold() not in AGGREGATE_CLIENTS]
    if not (said := find_mentions(plain, names)):
        return []
    told = find_mentions("\n".join(text for story in cited for text in story.texts()), names)
    known = {name.casefold() for name in told}
    return [name for name in said if name.casefold() not in known]


def _figures_of(cited: Sequence[Story]) -> frozenset[str]:
    """Figures of the stories, the years of their dates, and how many stories there are."""
    texts = (text for story in cited for text in (*story.texts(), story.start_date[:4], story.end_date[:4]))
    return extract_figures("\n".join(texts)) | {str(len(cited))}
