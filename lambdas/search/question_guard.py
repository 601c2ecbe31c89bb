"""The question guard: which questions are declined, and why."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from contracts.profile import ProfileFacts
from contracts.rules.guard.corpus_terms import corpus_terms, own_question
from contracts.rules.guard.personal import personal_answer, personal_topic
from contracts.rules.guard.profile_answers import profile_answer
from contracts.rules.guard.profile_questions import profile_fact
from contracts.rules.guard.topics import NOTHING_CLOSE, quotable, says_nothing, topic_of, unknown_answer
from contracts.search import CLOSE_COSINE, MAX_SUGGESTIONS, GuardDecision
from contracts.stories import StoryCard
from contracts.story import Story
from lambdas.common.index.vocabulary import ordered_vocabulary
from lambdas.search.index import SearchIndex

_CAPABILITIES = 3


def refused_before_search(index: SearchIndex, query: str, *, suggested: bool) -> GuardDecision | None:
    """The refusal of a question that needs no search. The rules are not for questions that the stories suggest."""
    if not is_trusted(index, query, suggested=suggested) and (category := index.rules.category(query)):
        return _refusal(index, f"rule:{category}")
    if topic := personal_topic(query, index.facts):
        return _refusal(index, "personal", personal_answer(topic, index.facts))
    if fact := profile_fact(query, index.facts):
        return _refusal(index, f"profile:{fact}", profile_answer(fact, index.facts))
    return None


def is_trusted(index: SearchIndex, query: str, *, suggested: bool) -> bool:
    """Whether a question said to be suggested is: an interview question or the title of a story, word for word."""
    return suggested and index.terms.has([own_question(query)])[0]


def guard_found(
    index: SearchIndex, query: str, nearest: int | None, closest: float | None, *, suppressed: bool
) -> GuardDecision:
    """Decline a query whose topic no story mentions, or for which no story is close enough.

    Parameters
    ----------
    nearest
        The row of the best story found, if any.
    closest
        The highest cosine to the query; None if vectors are not compared.
    """
    topic = topic_of(query, index.facts, index.terms.has)
    is_close = closest is None or closest >= CLOSE_COSINE
    if topic.is_unknown or (topic.is_mostly_unknown and not is_close):
        named = None if nearest is None or suppressed else _card(index, nearest)
        refusal = _refusal(index, "unknown_topic", unknown_answer(topic, named))
        return refusal.model_copy(update={"unknown": quotable(topic.unknown)})
    if (suppressed or nearest is None) and says_nothing(query):
        return _refusal(index, "low_confidence", NOTHING_CLOSE)
    return GuardDecision(unknown=quotable(topic.unknown))


def term_arrays(stories: Sequence[Story], facts: ProfileFacts) -> dict[str, NDArray[np.int64]]:
    """The index arrays of the corpus's terms."""
    return {"topics.terms": ordered_vocabulary(corpus_terms(stories, facts))[0]}


def suggested_questions(stories: Iterable[Story]) -> tuple[str, ...]:
    """Questions about the most frequent values of a corpus, without narratives."""
    shown = [story for story in stories if not story.is_narrative]
    capabilities = _most_frequent([story.capability for story in shown])[:_CAPABILITIES]
    questions = [f"Which projects involved {capability}?" for capability in capabilities]
    questions += [
        f"Which results stand out in {industry}?" for industry in _most_frequent([story.industry for story in shown])
    ]
    return tuple(questions[:MAX_SUGGESTIONS])


def _refusal(index: SearchIndex, reason: str, answer: str = "") -> GuardDecision:
    return GuardDecision(passed=False, reason=reason, answer=answer, suggestions=index.suggestions)


def _card(index: SearchIndex, row: int) -> StoryCard:
    return StoryCard.model_validate_json(index.cards[row])


def _most_frequent(values: Sequence[str]) -> list[str]:
    counts = Counter(filter(None, values))
    return sorted(counts, key=lambda value: (-counts[value], value))
