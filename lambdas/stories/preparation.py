"""What an ingest works out before it writes anything: bodies, hashes and the listing, with every refusal."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from contracts.stories import StoryCard
from contracts.story import Story, content_hash, corpus_version
from lambdas.common.cards import card_of
from lambdas.common.snapshot import pack_snapshot
from lambdas.stories.bodies import encode_body
from lambdas.stories.listing import build_listing

MAX_BODY_BYTES: Final = 390 * 1024  # DynamoDB takes items of 400 KB, keys and names included
MAX_STORY_BYTES: Final = 2_000_000  # a function answers 6 MB at most, and JSON within JSON grows
MAX_CARD_BYTES: Final = 40_000  # so does a page of 100 cards
_SHOWN_ID: Final = 120


class Refused(ValueError):
    """The corpus cannot be served as it is; the message says which story is at fault."""


@dataclass(frozen=True)
class Prepared:
    """A corpus ready to be written: bodies by content hash, and the listing's file with its checksum."""

    corpus_version: str
    bodies: Mapping[str, bytes]
    listing: bytes
    sha256: str

    @property
    def count(self) -> int:
        return len(self.bodies)


def prepare(stories: Sequence[Story], embedder: str, on_story: Callable[[int], None]) -> Prepared:
    """Encode a corpus.

    Raises
    ------
    Refused
        There is no story, an id repeats, or a story is too big to be kept or to be answered with.
    """
    ordered = sorted(stories, key=lambda story: story.id)
    _refuse_repeats(ordered)
    bodies: dict[str, bytes] = {}
    cards: list[StoryCard] = []
    for done, story in enumerate(ordered, start=1):
        card = card_of(story)
        body = encode_body(story)
        _refuse_oversized(story, card, body)
        bodies[content_hash(story)] = body
        cards.append(card)
        on_story(done)
    version = corpus_version(ordered, embedder)
    listing = pack_snapshot(build_listing(ordered, cards, list(bodies), version))
    return Prepared(version, bodies, listing, hashlib.sha256(listing).hexdigest())


def _refuse_repeats(ordered: Sequence[Story]) -> None:
    if not ordered:
        raise Refused("there is no story to ingest")
    for story, following in pairwise(ordered):
        if story.id == following.id:
            raise Refused(f"two stories have the id {_shown(story.id)}")


def _refuse_oversized(story: Story, card: StoryCard, body: bytes) -> None:
    sizes = (
        (len(body), MAX_BODY_BYTES, "compressed"),
        (len(story.model_dump_json().encode()), MAX_STORY_BYTES, "as JSON"),
        (len(card.model_dump_json().encode()), MAX_CARD_BYTES, "as a card of title, names and tags"),
    )
    for size, limit, form in sizes:
        if size > limit:
            raise Refused(f"story {_shown(story.id)} is too big: {size:,} bytes {form}, at most {limit:,} can be kept")


def _shown(story_id: str) -> str:
    return repr(story_id if len(story_id) <= _SHOWN_ID else f"{story_id[:_SHOWN_ID]}…")
