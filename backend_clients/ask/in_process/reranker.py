"""Ordering retrieved stories for the prompt, and choosing those to cite."""

from collections.abc import Mapping, Sequence
from typing import Final

from backend_clients.ask.in_process.aggregates.aggregation import Aggregation
from contracts.ask import (
    CITED_STORIES,
    DETAIL_WEIGHT,
    HEADING_WEIGHT,
    METRIC_WEIGHT,
    MIN_SOURCE_EVIDENCE,
    NEARLY_BEST,
    NO_HIT_PENALTY,
    TAG_WEIGHT,
    RankedStory,
    ScoredId,
)
from contracts.rules.metrics import story_metrics
from contracts.rules.names.named_stories import about_named
from contracts.rules.questions.generic_words import stem, telling_stems
from contracts.rules.questions.resolution import ResolvedQuestion
from contracts.rules.questions.themes import themed_query
from contracts.rules.synonyms import related_query
from contracts.rules.tokens import token_set, tokens
from contracts.search import SearchResult
from contracts.story import Story

_DIGITS: Final = 6


def rerank(question: str, stories: Sequence[Story]) -> list[RankedStory]:
    """Score retrieved stories; the first stays first, the rest go by score, ties by the order of retrieval."""
    query = themed_query(question)
    wanted = telling_stems(tokens(query)) | set(map(stem, tokens(related_query(query))))
    ranked = [score_for_prompt(wanted, story) for story in stories]
    return ranked[:1] + sorted(ranked[1:], key=lambda item: -item.score)


def score_for_prompt(wanted: set[str], story: Story) -> RankedStory:
    """A metric counts 1.0; a stem in the heading 0.6, in tags 0.5, in the detail 0.2; none anywhere costs 0.4."""
    in_heading = wanted & _stems(story.title, story.client, story.domain, story.place)
    in_tags = wanted & _stems(*story.tags)
    in_detail = wanted & _stems(*story.process, *story.performance, story.purpose)
    parts = {
        "metric": METRIC_WEIGHT if story_metrics(story) else 0.0,
        "heading": round(HEADING_WEIGHT * len(in_heading), _DIGITS),
        "tags": round(TAG_WEIGHT * len(in_tags), _DIGITS),
        "detail": round(DETAIL_WEIGHT * len(in_detail), _DIGITS),
        "no_hit": 0.0 if in_heading or in_tags or in_detail else NO_HIT_PENALTY,
    }
    return RankedStory(id=story.id, score=round(sum(parts.values()), _DIGITS), **parts)


def _stems(*texts: str) -> set[str]:
    return {stem(token) for token in token_set(texts)}


def retrieved_ids(found: SearchResult, resolved: ResolvedQuestion, only: Story | None) -> list[ScoredId]:
    """The stories that an answer may rest on: the one that the question or the conversation keeps to, or the close."""
    hits = [ScoredId(id=hit.card.id, score=hit.evidence) for hit in found.hits]
    if only is not None:
        score = next((hit.score for hit in hits if hit.id == only.id), resolved.story_match / 100)
        return [ScoredId(id=only.id, score=score)]
    if found.suppressed:
        return []
    return [hit for hit in hits if hit.score >= MIN_SOURCE_EVIDENCE and hit.id not in resolved.excluded]


def cited_ids(
    ranked: Sequence[Story], scores: Mapping[str, float], resolved: ResolvedQuestion, aggregation: Aggregation | None
) -> list[str]:
    """The stories to cite: those that show what was counted, else the best, of a named organization its own.

    Stories that search found nearly as good as its best come before the others.
    """
    if aggregation and aggregation.cards:
        return aggregation.cited(resolved.kind, [story.id for story in ranked], CITED_STORIES)
    least = NEARLY_BEST * max((scores.get(story.id, 0.0) for story in ranked), default=0.0)
    ordered = sorted(about_named(resolved.subject, ranked), key=lambda story: scores.get(story.id, 0.0) < least)
    return [story.id for story in ordered][: 1 if resolved.aspect else CITED_STORIES]
