"""Questions for a visitor who has none yet: interview questions of the stories, about the owner instead of to them.

Only questions are taken that search answers with the story they belong to.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from contracts.ask import Closeness, closeness_of
from contracts.rules.closeness import percent_of
from contracts.rules.questions.interview_questions import interview_questions
from contracts.search import SearchRequest, SearchResult
from contracts.stories import StoryCard
from contracts.story import Story

MOST_SUGGESTED: Final = 6
_MOST_TRIED: Final = 100  # searches at a start
_SHORTEST, _LONGEST = 20, 110
_AUXILIARIES: Final = {"do": "does", "have": "has", "are": "is", "were": "was"}
_AUXILIARY: Final = r"(?:do|did|have|had|are|were|can|could|will|would|should)"
_PAST: Final = (
    r"(?:\w+ed|were|had|did|made|led|took|built|threw|gave|got|ran|cut|brought|found|kept|chose|drew|held|taught|won"
    r"|lost|grew|began|became|rebuilt|stood|told|went|wrote|set|put|saw)"
)
_YOU_AFTER: Final = re.compile(rf"\b({_AUXILIARY}) you\b", re.IGNORECASE)
_YOU_BEFORE: Final = re.compile(rf"\byou(?= {_PAST}\b)")
_SECOND_PERSON: Final = re.compile(r"\b(?:you|yourself|yours)\b|\byou['\u2019]", re.IGNORECASE)
_YOUR: Final = re.compile(r"\byour\b")
_LEANING: Final = re.compile(r"\b(?:it|this|these|those|them|they|us|our|that time)\b", re.IGNORECASE)


class _Answered(NamedTuple):
    question: str
    closeness: float
    card: StoryCard


def third_person(question: str, person: str) -> str:
    """The question about a person instead of to them; "" where that takes more than exchanging words.

    Also "" where the question makes no sense on its own.
    """
    if _LEANING.search(question):
        return ""
    text = _YOU_AFTER.sub(lambda found: f"{_inflected(found[1])} {person}", question, count=1)
    if person not in text:
        text = _YOU_BEFORE.sub(person, question, count=1)
        text = re.sub(rf"{re.escape(person)} were\b", f"{person} was", text)
    if person not in text:
        text = _YOUR.sub(f"{person}'s", question, count=1)
    if person not in text or _SECOND_PERSON.search(text) or _YOUR.search(text):
        return ""
    return text


def answered_questions(
    stories: Sequence[Story], person: str, search: Callable[[SearchRequest], SearchResult] | None
) -> tuple[str, ...]:
    """Up to six questions that search answers strongly, of as many clients and industries as there are.

    The story's own words contain the question, so that closeness in meaning tells which question it answers best.
    Without a search there are no questions.
    """
    found: list[_Answered] = []
    if search is None:
        return ()
    for story, question in _spread(list(_candidates(stories, person))):
        result = search(SearchRequest(query=question, limit=1))
        if not result.gate.passed or result.suppressed or not result.hits or result.hits[0].card.id != story.id:
            continue
        best = result.hits[0]
        if closeness_of(percent_of(best.evidence)) is Closeness.STRONG:
            found.append(_Answered(question, best.semantic or 0.0, best.card))
    return tuple(item.question for item in _varied(sorted(found, key=lambda item: -item.closeness)))


def _candidates(stories: Sequence[Story], person: str) -> Iterator[tuple[Story, str]]:
    for story in stories:
        for asked in interview_questions(story):
            question = third_person(asked, person)
            if question and _SHORTEST <= len(question) <= _LONGEST:
                yield story, question


def _spread(candidates: Sequence[tuple[Story, str]]) -> Sequence[tuple[Story, str]]:
    """At most as many as are tried, from the whole corpus."""
    return candidates[:: -(-len(candidates) // _MOST_TRIED)] if candidates else ()


def _varied(found: Sequence[_Answered]) -> list[_Answered]:
    """The first ones that share neither client nor industry with one before, then those that share less."""
    chosen: list[_Answered] = []
    for keys in (("client", "industry"), ("client",), ("id",)):
        for item in found:
            if len(chosen) < MOST_SUGGESTED and not any(
                getattr(item.card, key) == getattr(other.card, key) for other in chosen for key in keys
            ):
                chosen.append(item)
    return chosen


def _inflected(auxiliary: str) -> str:
    """The auxiliary of a third person, with the capital it had."""
    word = _AUXILIARIES.get(auxiliary.lower(), auxiliary.lower())
    return word.capitalize() if auxiliary[0].isupper() else word
