"""Prepares an ingest before any write: validation, bodies, hashes and the catalog."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.profile import NO_FACTS, ProfileFacts
from contracts.stories import StoryCard
from contracts.story import Story, content_hash, corpus_version
from lambdas.common.index.snapshot import pack_snapshot
from lambdas.common.ingest.limits import (
    MAX_ANSWER_BYTES,
    MAX_CARD_BYTES,
    MAX_ITEM_BYTES,
    refuse_oversized,
    shown,
    validate_corpus,
)
from lambdas.common.text.summaries import card_of
from lambdas.stories.ingest.catalog_builder import build_catalog
from lambdas.stories.story_items import encode_body


@dataclass(frozen=True)
class PreparedCorpus:
    """A corpus ready to be written: bodies by content hash, and the catalog file with its checksum."""

    corpus_version: str
    bodies: Mapping[str, bytes]
    listing: bytes
    sha256: str

    @property
    def count(self) -> int:
        return len(self.bodies)


def prepare(
    stories: Sequence[Story], embedder: str, on_story: Callable[[int], None], facts: ProfileFacts = NO_FACTS
) -> PreparedCorpus:
    """Encode a corpus.

    Raises
    ------
    CorpusRejected
        There is no story, an id repeats, or a story is too large for the table or for an answer.
    """
    validate_corpus(stories)
    ordered = sorted(stories, key=lambda story: story.id)
    bodies: dict[str, bytes] = {}
    cards: list[StoryCard] = []
    for done, story in enumerate(ordered, start=1):
        card = card_of(story)
        body = encode_body(story)
        refuse_oversized(
            f"story {shown(story.id)}",
            (len(body), MAX_ITEM_BYTES, "compressed"),
            (len(story.model_dump_json().encode()), MAX_ANSWER_BYTES, "as JSON"),
            (len(card.model_dump_json().encode()), MAX_CARD_BYTES, "as a card of title, names and tags"),
        )
        bodies[content_hash(story)] = body
        cards.append(card)
        on_story(done)
    version = corpus_version(ordered, embedder, facts)
    listing = pack_snapshot(build_catalog(ordered, cards, list(bodies), version, facts.owner))
    return PreparedCorpus(version, bodies, listing, hashlib.sha256(listing).hexdigest())
