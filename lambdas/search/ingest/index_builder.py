"""Builds and validates the index before an ingest writes anything."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Final

import numpy as np

from contracts.profile import NO_FACTS, ProfileFacts
from contracts.rules.folding import fold_key
from contracts.rules.tokens import owner_words
from contracts.stories import StoryCard
from contracts.story import Story, corpus_version
from lambdas.common.index.quantized_vectors import coarse_arrays
from lambdas.common.index.snapshot import Snapshot, string_table
from lambdas.common.ingest.limits import MAX_CARD_BYTES, CorpusRejected, refuse_oversized, shown, validate_corpus
from lambdas.common.ingest.run import Progress
from lambdas.common.models.embeddings import Embedder, Vectors, joined_rows
from lambdas.common.text.summaries import FIELD_ATTRIBUTES, card_of
from lambdas.search.index import FORMAT
from lambdas.search.ingest.facet_columns import facet_arrays
from lambdas.search.ingest.token_postings import word_arrays
from lambdas.search.nonsense_rules import NonsenseRule, NonsenseRules, RuleError
from lambdas.search.question_guard import suggested_questions, term_arrays
from lambdas.search.ranking.bm25 import full_text_arrays
from lambdas.search.ranking.named import named_arrays
from lambdas.search.ranking.passages import Arrays, passage_arrays, passage_codes, passages

_BATCH: Final = 256


class IndexBuilder:
    """A validated corpus, and the fingerprint of its index: equal fingerprints mean equal indexes."""

    def __init__(
        self,
        stories: Sequence[Story],
        embedder: Embedder,
        rules: Sequence[NonsenseRule],
        facts: ProfileFacts = NO_FACTS,
    ) -> None:
        """
        Raises
        ------
        CorpusRejected
            There is no story, an id repeats, or a nonsense rule is invalid.
        """
        validate_corpus(stories)
        self._stories = sorted(stories, key=lambda story: story.id)
        self._embedder = embedder
        self._rules = list(rules)
        self._facts = facts
        _refuse_broken(self._rules)
        self.count = len(self._stories)
        self.corpus_version = corpus_version(self._stories, embedder.name, facts)
        made_of = json.dumps([FORMAT, self.corpus_version, self._rules])
        self.fingerprint = hashlib.sha256(made_of.encode()).hexdigest()

    def build(self, on_progress: Progress) -> Snapshot:
        """Build the index.

        Raises
        ------
        CorpusRejected
            A story's card exceeds the limit of an answer.
        DependencyDown
            The embedder fails.
        """
        cards = string_table("cards", [card.model_dump_json() for card in self._cards])
        vectors, of_passages = self._embedded(on_progress)
        on_progress(0, 1, "index")
        arrays = {
            **cards,
            "has_metric": np.array([card.has_metric for card in self._cards], np.bool_),
            "narrative": np.array([story.is_narrative for story in self._stories], np.bool_),
            "vectors": vectors,
            "blank": np.flatnonzero(~vectors.any(axis=1)).astype(np.int32),
            **coarse_arrays(vectors),
            **facet_arrays(self._stories),
            **word_arrays(self._stories),
            **full_text_arrays(self._stories),
            **named_arrays(self._stories, self._facts.aliases),
            **term_arrays(self._stories, self._facts),
            **of_passages,
        }
        on_progress(1, 1, "index")
        return Snapshot(arrays, self._metadata())

    def metadata(self) -> list[dict[str, str | bool | list[str]]]:
        """Metadata of each story for a vector index: its id and its filterable fields."""
        return [_described(story, card) for story, card in zip(self._stories, self._cards, strict=True)]

    @cached_property
    def _cards(self) -> list[StoryCard]:
        return [_card(story) for story in self._stories]

    def _embedded(self, on_progress: Progress) -> tuple[Vectors, Arrays]:
        """The stories' vectors, and the arrays of their passages."""
        wholes, parts = [], []
        numbers: list[int] = []
        for start in range(0, self.count, _BATCH):
            stories = self._stories[start : start + _BATCH]
            of_passages = [passages(story) for story in stories]
            vectors = self._embed([*(story.embedding_text() for story in stories), *chain.from_iterable(of_passages)])
            wholes.append(vectors[: len(stories)])
            parts.append(passage_codes(vectors[len(stories) :]))
            numbers += map(len, of_passages)
            on_progress(start + len(stories), self.count, "embed")
        return joined_rows(wholes), passage_arrays(numbers, parts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts; equal texts are embedded once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        vectors: Vectors = self._embedder.embed(list(places))[[places[text] for text in texts]]
        return vectors

    def _metadata(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "corpus_version": self.corpus_version,
            "fingerprint": self.fingerprint,
            "embedder": self._embedder.name,
            "count": self.count,
            "suggestions": suggested_questions(self._stories),
            "owner": sorted(owner_words(self._facts.name, [story.person for story in self._stories])),
            "rules": self._rules,
            "facts": self._facts.model_dump(mode="json"),
        }


def _described(story: Story, card: StoryCard) -> dict[str, str | bool | list[str]]:
    facets = {field: getattr(story, attribute) for field, attribute in FIELD_ATTRIBUTES.items()}
    return {
        "id": story.id,
        "has_metric": card.has_metric,
        "narrative": story.is_narrative,
        "tags": [fold_key(tag) for tag in story.tags],
        **{field: value for field, value in facets.items() if value},
    }


def _refuse_broken(rules: Sequence[NonsenseRule]) -> None:
    try:
        NonsenseRules(rules)
    except RuleError as error:
        raise CorpusRejected(str(error)) from error


def _card(story: Story) -> StoryCard:
    card = card_of(story)
    size = len(card.model_dump_json().encode())
    refuse_oversized(f"story {shown(story.id)}", (size, MAX_CARD_BYTES, "as a card of title, names and tags"))
    return card
