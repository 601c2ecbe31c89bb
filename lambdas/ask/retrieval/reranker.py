"""Ranks stories for the prompt: what a story has to say about the question, beyond how near it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.ask import (
    DETAIL_WEIGHT,
    HEADING_WEIGHT,
    METRIC_WEIGHT,
    NO_HIT_PENALTY,
    TAG_WEIGHT,
    RankedStory,
)
from contracts.rules.metrics import story_metrics
from contracts.rules.questions.generic_words import stem, telling_stems
from contracts.rules.questions.themes import themed_query
from contracts.rules.synonyms import related_query
from contracts.rules.tokens import tokens
from contracts.story import Story

_DECIMALS = 6


@dataclass(frozen=True)
class Words:
    """What the ranking looks at in a story, read once."""

    has_metric: bool
    heading: frozenset[str]
    tags: frozenset[str]
    detail: frozenset[str]

    @classmethod
    def of(cls, story: Story) -> "Words":
        return cls(
            has_metric=bool(story_metrics(story)),
            heading=_stems(story.title, story.client, story.domain, story.place),
            tags=_stems(*story.tags),
            detail=_stems(*story.process, *story.performance, story.purpose),
        )


def rank(query: str, retrieved: Sequence[tuple[str, Words]]) -> tuple[RankedStory, ...]:
    """The best first; the first that was retrieved stays the first, and ties keep the order of retrieval."""
    themed = themed_query(query)
    wanted = frozenset(telling_stems(tokens(themed))) | _stems(related_query(themed))
    scored = [_scored(wanted, story_id, words) for story_id, words in retrieved]
    return (*scored[:1], *sorted(scored[1:], key=lambda story: -story.score))


def _scored(wanted: frozenset[str], story_id: str, words: Words) -> RankedStory:
    heading, tags, detail = (len(wanted & found) for found in (words.heading, words.tags, words.detail))
    parts = {
        "metric": METRIC_WEIGHT * words.has_metric,
        "heading": HEADING_WEIGHT * heading,
        "tags": TAG_WEIGHT * tags,
        "detail": DETAIL_WEIGHT * detail,
        "no_hit": 0.0 if heading or tags or detail else NO_HIT_PENALTY,
    }
    rounded = {name: round(value, _DECIMALS) for name, value in parts.items()}
    return RankedStory(id=story_id, score=round(sum(parts.values()), _DECIMALS), **rounded)


def _stems(*texts: str) -> frozenset[str]:
    return frozenset(stem(token) for text in texts for token in tokens(text))
