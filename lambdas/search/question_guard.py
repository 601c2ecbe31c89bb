"""The gate: which questions are refused, and why."""

from collections import Counter
from collections.abc import Iterable, Sequence

from contracts.rules.tokens import tokens
from contracts.search import LOW_CONFIDENCE_OVERLAP, LOW_OVERLAP, MAX_SUGGESTIONS, GuardDecision
from contracts.story import Story
from lambdas.search.index import SearchIndex

_CAPABILITIES = 3


def refused_by_rule(index: SearchIndex, query: str) -> GuardDecision | None:
    """A refusal if a nonsense rule matches."""
    category = index.rules.category(query)
    return None if category is None else _refusal(index, f"rule:{category}")


def refused_by_outcome(index: SearchIndex, query: str, *, found: int, suppressed: bool) -> GuardDecision | None:
    """A refusal of a query that found nothing, or nothing close, and whose words the corpus does not know."""
    if found and not suppressed:
        return None
    overlap = _overlap(index, query)
    if not found and overlap < LOW_OVERLAP:
        return _refusal(index, "low_overlap")
    if suppressed and overlap < LOW_CONFIDENCE_OVERLAP:
        return _refusal(index, "low_confidence")
    return None


def suggested_questions(stories: Iterable[Story]) -> tuple[str, ...]:
    """Questions about what a corpus has most of, narratives left out."""
    told = [story for story in stories if not story.is_narrative]
    capabilities = _most_frequent([story.capability for story in told])[:_CAPABILITIES]
    questions = [f"Which projects involved {capability}?" for capability in capabilities]
    questions += [
        f"Which results stand out in {industry}?" for industry in _most_frequent([story.industry for story in told])
    ]
    return tuple(questions[:MAX_SUGGESTIONS])


def _refusal(index: SearchIndex, reason: str) -> GuardDecision:
    return GuardDecision(passed=False, reason=reason, suggestions=index.suggestions)


def _overlap(index: SearchIndex, query: str) -> float:
    """Share of a query's distinct tokens that the corpus knows; 0 if it has none."""
    asked = set(tokens(query))
    return int(index.known[index.words.codes(asked)].sum()) / len(asked) if asked else 0.0


def _most_frequent(values: Sequence[str]) -> list[str]:
    counts = Counter(filter(None, values))
    return sorted(counts, key=lambda value: (-counts[value], value))
