"""The search rules once more, as plainly as they can be said: what the functions' answers are compared with."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.rules.names.forms import name_table
from contracts.rules.names.mentions import NameFinder
from contracts.rules.tokens import ASKING_WORDS
from contracts.search import SearchFilters, SearchKind, SearchRequest
from contracts.stories import FACET_FIELDS
from contracts.story import NARRATIVE_THEME, Story
from lambdas.search.ranking.bm25 import stems
from lambdas.search.ranking.passages import passage_codes, passages
from tests.support.builders.search_corpora import WordEmbedder

ATTRIBUTES = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "employers": "employer",
    "roles": "role",
    "domains": "domain",
    "themes": "theme",
}


def words(*texts: str) -> set[str]:
    found = (re.findall(r"[A-Za-z0-9+#\-_.]+", unicodedata.normalize("NFKC", text)) for text in texts)
    return {word.lower() for text in found for word in text if len(word) >= 3}


def keyword_score(story: Story, query: str) -> float:
    q = words(query)
    q = {word for word in q if word.strip("-_.") not in ASKING_WORDS} or q
    h = words(story.title, story.client, story.role, story.domain, *story.tags, story.curated_summary[:400])
    h |= words(*story.process, *story.performance)
    t = words(story.title, story.domain)
    return min(1.0, (len(q & h) + len(q & t)) / (2 * len(q))) if q else 0.0


def bm25(texts: Sequence[list[str]], query: set[str]) -> list[float]:
    """Lucene's BM25 with k1 = 2 and b = 0.75."""
    texts = [text or [""] for text in texts]
    mean = sum(map(len, texts)) / len(texts)
    scores = [0.0] * len(texts)
    for word in query:
        holding = sum(word in text for text in texts)
        rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for row, text in enumerate(texts):
            count = text.count(word)
            scores[row] += rarity * count / (count + 2 * (0.25 + 0.75 * len(text) / mean))
    return scores


def scaled(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


class Oracle:
    def __init__(self, stories: Sequence[Story]) -> None:
        self.stories = sorted(stories, key=lambda story: story.id)
        self._embedder = WordEmbedder()
        self._vectors = self._embedder.embed([story.embedding_text() for story in self.stories]).astype(np.float64)
        self._stems = [stems("\n".join(story.texts())) for story in self.stories]

    def kept(self, kind: SearchKind, query: str) -> tuple[list[tuple[float, Story]], bool]:
        """Scored stories in order, and whether the best three are shown though none is close."""
        named = self._named(query)
        if kind is SearchKind.KEYWORD:
            shares = [keyword_score(story, query) for story in self.stories]
            lifted = self._lifted(shares, named)
            found = [row for row, share in enumerate(shares) if share > 0 or any(row in rows for rows in named)]
            return self._ordered([(lifted[row], self.stories[row]) for row in found]), False
        vector = self._embedder.embed([query])[0].astype(np.float64)
        cosines = [float(row @ vector) for row in self._vectors]
        asked = set(stems(query, ASKING_WORDS) or stems(query))
        text = bm25(self._stems, asked)
        best = max(text)
        scores = cosines
        if kind is SearchKind.HYBRID:
            most = math.log(1 + (len(text) - 0.5) / 1.5)
            near = scaled([self._closeness(story, vector) for story in self.stories])
            meaning = [(whole + part) / 2 for whole, part in zip(scaled(cosines), near, strict=True)]
            scores = [(own + most * means) / (best + most) for own, means in zip(text, meaning, strict=True)]
        lifted = self._lifted(scores, named)
        kept = [
            row
            for row in range(len(self.stories))
            if any(row in rows for rows in named) or cosines[row] >= 0.15 or (best and text[row] >= best * 0.499999)
        ]
        shown = [(lifted[row], self.stories[row]) for row in kept or range(len(self.stories))]
        return self._ordered(shown)[: None if kept else 3], not kept

    def _named(self, query: str) -> list[dict[int, int]]:
        """For each mention the rows that it names, and how much."""
        table = name_table(self.stories)
        known = set().union(*(words(*story.texts()) for story in self.stories))
        found = []
        for names in dict.fromkeys(mention.names for mention in NameFinder(table, known.__contains__).find(query)):
            keys = {fold_key(table.names[number]) for number in names}
            rows = {}
            for row, story in enumerate(self.stories):
                kinds = {2: story.client, 1: story.division, 0: story.employer}
                if weights := [weight for weight, name in kinds.items() if fold_key(name) in keys]:
                    rows[row] = max(weights)
            found.append(rows)
        return found

    @staticmethod
    def _lifted(scores: list[float], named: list[dict[int, int]]) -> list[float]:
        if not named:
            return scores
        first = {}
        for number, rows in reversed(list(enumerate(named))):
            first |= dict.fromkeys(rows, number)
        weighed = {row: (named[number][row] + max(0.0, scores[row])) / 3 for row, number in first.items()}
        lifted = [(1 + weighed[row]) / 2 if row in first else score / 2 for row, score in enumerate(scores)]
        if len(named) > 1:
            order = []
            for level in range(len(named), 0, -1):
                piles = [
                    sorted(
                        (row for row in rows if first[row] == number and sum(row in other for other in named) == level),
                        key=lambda row: (-round(weighed[row], 6), row),
                    )
                    for number, rows in enumerate(named)
                ]
                order += [row for turn in zip_longest(*piles) for row in turn if row is not None]
            for place, row in enumerate(order):
                lifted[row] = (1 + (len(order) - place) / len(order)) / 2
        return lifted

    def _closeness(self, story: Story, vector: Any) -> float:
        codes = passage_codes(self._embedder.embed(passages(story))).astype(np.float64) / 127
        return float(np.log(np.exp(20 * (codes @ vector)).sum()) / 20)

    def overlap(self, query: str) -> float:
        known = set().union(*(words(*story.texts()) for story in self.stories))
        asked = words(query)
        return len(asked & known) / len(asked) if asked else 0.0

    def facet(self, kept: Sequence[Story], filters: SearchFilters, field: str) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for story in kept:
            if passes(story, filters, but=field):
                counts.update({self._label(field, key) for key in _keys(story, field)})
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:200]

    def _label(self, field: str, key: str) -> str:
        return next(value for story in self.stories for value in _values(story, field) if fold_key(value) == key)

    @staticmethod
    def _ordered(scored: list[tuple[float, Story]]) -> list[tuple[float, Story]]:
        return sorted(scored, key=lambda pair: (-round(pair[0], 9), pair[1].id))


def passes(story: Story, filters: SearchFilters, but: str = "") -> bool:
    for field in FACET_FIELDS:
        wanted = getattr(filters, field)
        if field != but and wanted and not _keys(story, field) & {fold_key(value) for value in wanted}:
            return False
    if story.theme == NARRATIVE_THEME and not filters.include_narratives and NARRATIVE_THEME not in filters.themes:
        return False
    if filters.has_metric is not None and filters.has_metric != bool(story_metrics(story)):
        return False
    return words(filters.q) <= words(*story.texts())


def request_of(query: str, filters: SearchFilters, limit: int = 100, offset: int = 0) -> SearchRequest:
    return SearchRequest(query=query, filters=filters, limit=limit, offset=offset, from_suggestion=True)


def _values(story: Story, field: str) -> tuple[str, ...]:
    return story.tags if field == "tags" else (getattr(story, ATTRIBUTES[field]),)


def _keys(story: Story, field: str) -> set[str]:
    return {key for value in _values(story, field) if (key := fold_key(value))}
