"""Search in memory: an embedder of a few dimensions, and the service over an index that was packed and read again."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from contracts.profile import NO_FACTS, ProfileFacts
from contracts.rules.tokens import tokens
from contracts.search import SearchKind, SearchRequest, SearchResult
from contracts.story import Story
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.snapshot import Snapshot, pack_snapshot, unpack_snapshot
from lambdas.common.models.embeddings import Vectors, unit_rows
from lambdas.search.index import SearchIndex
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus

DIMENSIONS = 8
RULES = (NonsenseRule("weather", r"\bweather\b"), NonsenseRule("joke", "tell .* joke"))


class WordEmbedder:
    """Adds up a vector a word: texts with common words are near, a text without words is near nothing."""

    name = "test-embedder"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return unit_rows(
            [np.sum([_vector(token) for token in tokens(text)] or [np.zeros(DIMENSIONS)], axis=0) for text in texts]
        )


def _vector(word: str) -> Any:
    return np.frombuffer(sha256(word.encode()).digest()[:DIMENSIONS], np.int8).astype(np.float32)


def snapshot_of(
    stories: Sequence[Story], rules: Sequence[NonsenseRule] = RULES, facts: ProfileFacts = NO_FACTS
) -> Snapshot:
    """The index of a corpus as a function would read it."""
    return unpack_snapshot(pack_snapshot(IndexBuilder(stories, WordEmbedder(), rules, facts).build(lambda *_: None)))


def corpus_of(
    stories: Sequence[Story], rules: Sequence[NonsenseRule] = RULES, facts: ProfileFacts = NO_FACTS
) -> Corpus:
    snapshot = snapshot_of(stories, rules, facts)
    index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
    return Corpus(index, exact, Ranking(index, exact))


class StoreInMemory:
    """A search store that is always up to date."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def corpus(self) -> Corpus:
        return self._corpus


class SearchInMemory:
    """The service over a corpus; answers are checked against the contract."""

    def __init__(
        self, stories: Sequence[Story], rules: Sequence[NonsenseRule] = RULES, facts: ProfileFacts = NO_FACTS
    ) -> None:
        self.embedder = WordEmbedder()
        store: Any = StoreInMemory(corpus_of(stories, rules, facts))
        self._service = SearchService(store, self.embedder, "test")

    def search(self, kind: SearchKind, query: str, **fields: Any) -> SearchResult:
        answer = self._service.search(kind, SearchRequest(query=query, **fields))
        result = SearchResult.model_validate_json(answer)
        assert json.loads(answer) == json.loads(result.model_dump_json()), "the answer's JSON is not the contract's"
        return result

    def ids(self, kind: SearchKind, query: str, **fields: Any) -> list[str]:
        return [hit.card.id for hit in self.search(kind, query, **fields).hits]
