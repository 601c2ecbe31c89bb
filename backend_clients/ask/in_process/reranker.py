"""Ordering retrieved stories for the prompt."""

from collections.abc import Sequence
from typing import Final

from contracts.ask import (
    DETAIL_WEIGHT,
    HEADING_WEIGHT,
    METRIC_WEIGHT,
    NO_HIT_PENALTY,
    TAG_WEIGHT,
    RankedStory,
)
from contracts.rules.metrics import story_metrics
from contracts.rules.tokens import token_set, tokens
from contracts.story import Story

_DIGITS: Final = 6


def rerank(question: str, stories: Sequence[Story]) -> list[RankedStory]:
    """Score retrieved stories; the first stays first, the rest go by score, ties by the order of retrieval."""
    asked = set(tokens(question))
    ranked = [score_for_prompt(asked, story) for story in stories]
    return ranked[:1] + sorted(ranked[1:], key=lambda item: -item.score)


def score_for_prompt(asked: set[str], story: Story) -> RankedStory:
    """A metric counts 1.0; a token in the heading 0.6, in tags 0.5, in the detail 0.2; none anywhere costs 0.4."""
    in_heading = asked & token_set((story.title, story.client, story.domain, story.place))
    in_tags = asked & token_set(story.tags)
    in_detail = asked & token_set((*story.process, *story.performance, story.purpose))
    parts = {
        "metric": METRIC_WEIGHT if story_metrics(story) else 0.0,
        "heading": round(HEADING_WEIGHT * len(in_heading), _DIGITS),
        "tags": round(TAG_WEIGHT * len(in_tags), _DIGITS),
        "detail": round(DETAIL_WEIGHT * len(in_detail), _DIGITS),
        "no_hit": 0.0 if in_heading or in_tags or in_detail else NO_HIT_PENALTY,
    }
    return RankedStory(id=story.id, score=round(sum(parts.values()), _DIGITS), **parts)
