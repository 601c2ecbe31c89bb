"""Validates a corpus before an ingest writes anything."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from contracts.story import Story

MAX_ITEM_BYTES: Final = 390 * 1024  # DynamoDB takes items of 400 KB, keys and names included
MAX_ANSWER_BYTES: Final = 2_000_000  # a function answers 6 MB at most, and JSON within JSON grows
MAX_CARD_BYTES: Final = 40_000  # a page has 100 cards, and must fit into an answer
_SHOWN: Final = 120


class CorpusRejected(ValueError):
    """The corpus cannot be served; the message names the fault."""


def validate_corpus(stories: Iterable[Story]) -> None:
    """Reject a corpus without stories or with equal ids.

    Raises
    ------
    CorpusRejected
        There is no story, or an id repeats.
    """
    ids = sorted(story.id for story in stories)
    if not ids:
        raise CorpusRejected("there is no story to ingest")
    for story_id, following in pairwise(ids):
        if story_id == following:
            raise CorpusRejected(f"two stories have the id {shown(story_id)}")


def refuse_oversized(thing: str, *sizes: tuple[int, int, str]) -> None:
    """Check sizes in bytes, each with its limit and its form.

    Raises
    ------
    CorpusRejected
        A size exceeds its limit.
    """
    for size, limit, form in sizes:
        if size > limit:
            raise CorpusRejected(f"{thing} is too big: {size:,} bytes {form}, at most {limit:,} can be kept")


def shown(name: str) -> str:
    """A name quoted for a message, shortened if it is long."""
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")
