"""The ranking: words and meaning added up, and stories of what the query names first."""

import math
import threading
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Vectors
from backend_clients.search.full_text import FullText
from backend_clients.search.named_stories import NamedStories, named_first
from backend_clients.search.vector_index import VectorIndex
from contracts.rules.synonyms import related_query
from contracts.rules.tokens import telling_tokens, token_set
from contracts.search import (
    CANDIDATES,
    KEPT_WHEN_SUPPRESSED,
    MIN_COSINE,
    PASSAGES_COMPARED,
    SHARED_ENOUGH,
    SYNONYM_WEIGHT,
)
from contracts.story import Story

_DIGITS: Final = 4


class Scored(NamedTuple):
    """A story with its score and the parts of it; None is a part that the kind of search does not use."""

    story: Story
    score: float
    named: bool
    semantic: float | None = None
    keyword: float | None = None


class Ranking:
    """Ranks the stories of a corpus, whose rows are its stories in order."""

    def __init__(self, corpus: Corpus, index: VectorIndex) -> None:
        self._corpus = corpus
        self._index = index
        self._row = {story.id: row for row, story in enumerate(corpus.stories)}
        self._preparing = threading.Lock()

    def prepare(self) -> None:
        """Build what searches read. Raises `Unavailable` when the stories cannot be embedded."""
        self._names, self._full_text, self._words  # noqa: B018
        self._index.load()

    def keyword_ranking(self, query: str) -> list[Scored]:
        """Every story that is named or shares a word with the query."""
        asked = telling_tokens(query, self._corpus.owner)
        mentions = self._names.mentioned(query)
        shares = {row: _share(asked, *words) for row, words in enumerate(self._words)}
        named = {row for rows in mentions for row in rows}
        found = {row: share for row, share in shares.items() if share > 0 or row in named}
        scores = named_first(found, mentions)
        return [
            Scored(self._corpus.stories[row], scores[row], row in named, None, share) for row, share in found.items()
        ]

    def vector_ranking(self, query: str, vector: Vectors, *, mixed: bool) -> tuple[list[Scored], bool]:
        """The stories kept, and whether none is close and the best three are shown; `mixed` counts words as well."""
        text = self._full_text.scores(query)
        if expansion := related_query(query):
            text = [
                score + SYNONYM_WEIGHT * more
                for score, more in zip(text, self._full_text.scores(expansion), strict=True)
            ]
        mentions = self._names.mentioned(query)
        named = {row for rows in mentions for row in rows}
        nearest = {self._row[story_id] for story_id, _ in self._index.nearest(vector, CANDIDATES)}
        rows = sorted(nearest | _best(text) | named)
        cosines = dict(zip(rows, self._index.cosines(vector, self._ids(rows)), strict=True))
        best = max(text, default=0.0)
        shared = {row: text[row] / best if best else 0.0 for row in rows}
        base: Mapping[int, float] = cosines
        if mixed:
            meaning, most = self._meaning(cosines, vector), _most_for_a_word(len(text))
            base = {row: (text[row] + most * meaning[row]) / (best + most) for row in rows}
        scores = named_first(base, mentions)
        kept = [row for row in rows if row in named or cosines[row] >= MIN_COSINE or shared[row] >= SHARED_ENOUGH]
        shown = kept or sorted(rows, key=lambda row: (-scores[row], row))[:KEPT_WHEN_SUPPRESSED]
        covered = self._full_text.coverage(query, shown) if mixed else {}
        stories = self._corpus.stories
        scored = [Scored(stories[row], scores[row], row in named, cosines[row], covered.get(row)) for row in shown]
        return scored, bool(rows) and not kept

    def _meaning(self, cosines: Mapping[int, float], vector: Vectors) -> dict[int, float]:
        """The mean of two kinds of closeness: that of the story as a whole, and that of its passages."""
        whole = _scaled(cosines)
        compared = sorted(sorted(cosines, key=lambda row: (-cosines[row], row))[:PASSAGES_COMPARED])
        closeness = self._index.closeness(vector, self._ids(compared))
        passages = _scaled(dict(zip(compared, closeness, strict=True)))
        return {row: (whole[row] + passages.get(row, 0.0)) / 2 for row in cosines}

    def _ids(self, rows: Collection[int]) -> list[str]:
        return [self._corpus.stories[row].id for row in rows]

    @cached_property
    def _names(self) -> NamedStories:
        with self._preparing:
            return NamedStories(self._corpus)

    @cached_property
    def _full_text(self) -> FullText:
        with self._preparing:
            return FullText(self._corpus.stories, self._corpus.owner)

    @cached_property
    def _words(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        return [_words_of(story) for story in self._corpus.stories]


def _share(asked: frozenset[str], words: frozenset[str], heading: frozenset[str]) -> float:
    """`min(1, (|q∩h| + |q∩t|) / (2·|q|))`: q the query's tokens, h the story's, t those of its title and domain."""
    return min(1.0, (len(asked & words) + len(asked & heading)) / (2 * len(asked))) if asked else 0.0


def _words_of(story: Story) -> tuple[frozenset[str], frozenset[str]]:
    heading = (story.title, story.domain)
    other = (story.client, story.role, *story.tags, story.curated_summary[:400], *story.process, *story.performance)
    return token_set((*heading, *other)), token_set(heading)


def _best(text: list[float]) -> set[int]:
    """The rows of the best full-text scores above 0."""
    found = [row for row, score in enumerate(text) if score > 0]
    return set(sorted(found, key=lambda row: (-round(text[row], _DIGITS), row))[:CANDIDATES])


def _most_for_a_word(count: int) -> float:
    """The most that BM25 gives for a word, which one of `count` stories has."""
    return math.log(1 + (count - 0.5) / 1.5)


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores moved to 0..1; all 0 where they are all the same."""
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {row: (score - low) / (high - low) if high > low else 0.0 for row, score in scores.items()}
