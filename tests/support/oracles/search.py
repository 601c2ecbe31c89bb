"""The search rules once more, as plainly as they can be said: what the functions' answers are compared with."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from contracts.rules.metrics import story_metrics
from contracts.search import SearchFilters, SearchKind, SearchRequest
from contracts.stories import FACET_FIELDS
from contracts.story import NARRATIVE_THEME, Story
from tests.support.builders.search_corpora import WordEmbedder

ATTRIBUTES = {
    "industries": "industry",
    "capabilities": "capability",
    "eras": "era",
    "clients": "client",
    "roles": "role",
    "domains": "domain",
    "themes": "theme",
}


def words(*texts: str) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z0-9+#\-_.]+", text) if len(word) >= 3}


def keyword_score(story: Story, query: str) -> float:
    q = words(query)
    h = words(story.title, story.client, story.role, story.domain, *story.tags, story.curated_summary[:400])
    h |= words(*story.process, *story.performance)
    t = words(story.title, story.domain)
    return min(1.0, (len(q & h) + len(q & t)) / (2 * len(q))) if q else 0.0


class Oracle:
    def __init__(self, stories: Sequence[Story]) -> None:
        self.stories = sorted(stories, key=lambda story: story.id)
        self._embedder = WordEmbedder()
        self._vectors = self._embedder.embed([story.embedding_text() for story in self.stories]).astype(np.float64)

    def kept(self, kind: SearchKind, query: str) -> tuple[list[tuple[float, Story]], bool]:
        """Scored stories in order, and whether the best three stand in."""
        if kind is SearchKind.KEYWORD:
            scored = [(keyword_score(story, query), story) for story in self.stories]
            return self._ordered([pair for pair in scored if pair[0] > 0]), False
        vector = self._embedder.embed([query])[0].astype(np.float64)
        cosines = [(float(row @ vector), story) for row, story in zip(self._vectors, self.stories, strict=True)]
        best = self._ordered(cosines)[:100]
        close = [pair for pair in best if pair[0] >= 0.15]
        chosen = close or best[:3]
        if kind is SearchKind.HYBRID:
            chosen = [(0.8 * cosine + 0.2 * keyword_score(story, query), story) for cosine, story in chosen]
        return self._ordered(chosen), not close

    def overlap(self, query: str) -> float:
        known = set().union(*(words(*story.texts()) for story in self.stories))
        asked = words(query)
        return len(asked & known) / len(asked) if asked else 0.0

    def facet(self, kept: Sequence[Story], filters: SearchFilters, field: str) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for story in kept:
            if passes(story, filters, but=field):
                counts.update({self._label(tag) for tag in story.tags} if field == "tags" else [_value(story, field)])
        counts.pop("", None)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:200]

    def _label(self, tag: str) -> str:
        same = (other for story in self.stories for other in story.tags if other.casefold() == tag.casefold())
        return next(same)

    @staticmethod
    def _ordered(scored: list[tuple[float, Story]]) -> list[tuple[float, Story]]:
        return sorted(scored, key=lambda pair: (-round(pair[0], 9), pair[1].id))


def passes(story: Story, filters: SearchFilters, but: str = "") -> bool:
    for field in FACET_FIELDS:
        wanted = getattr(filters, field)
        if field == but or not wanted:
            continue
        if field == "tags":
            if not {tag.casefold() for tag in wanted} & {tag.casefold() for tag in story.tags}:
                return False
        elif _value(story, field) not in wanted:
            return False
    if story.theme == NARRATIVE_THEME and not filters.include_narratives and NARRATIVE_THEME not in filters.themes:
        return False
    if filters.has_metric is not None and filters.has_metric != bool(story_metrics(story)):
        return False
    return words(filters.q) <= words(*story.texts())


def request_of(query: str, filters: SearchFilters, limit: int = 100, offset: int = 0) -> SearchRequest:
    return SearchRequest(query=query, filters=filters, limit=limit, offset=offset, from_suggestion=True)


def _value(story: Story, field: str) -> str:
    value: str = getattr(story, ATTRIBUTES[field])
    return value
