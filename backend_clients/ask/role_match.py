"""Matches a job description in-process: each requirement is searched for, and the sentences found are weighed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from backend_clients.corpus.corpus import Corpus
from contracts.role_match import EvidenceSentence, MatchRequest, Requirement, RoleMatch
from contracts.rules.bullets import without_bullet
from contracts.rules.folding import visible
from contracts.rules.questions.periods import last_month, months_covered
from contracts.rules.questions.sentences import split_sentences
from contracts.rules.roles.facts import profile_question, profile_roots, why_unshown
from contracts.rules.roles.requirements import RequirementText, find_requirements
from contracts.rules.roles.strength import (
    SHOWN_SENTENCES,
    Sought,
    Strength,
    best_places,
    find_alternatives,
    missing_names,
    roots,
    show,
    strength_of,
    years_asked,
)
from contracts.rules.roles.wording import points_to_discuss, summarise, years_note
from contracts.search import MAX_QUERY, SearchRequest, SearchResult
from contracts.story import Story

Retrieve = Callable[[SearchRequest], SearchResult]
STORIES_READ: Final = 20
STORIES_READ_FOR_YEARS: Final = 60


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence of a story, with its stems and those of the story's headings."""

    story: Story
    sentence: str
    stems: frozenset[str]
    context: frozenset[str]


class RoleMatcher:
    """The rules of role match over a corpus in memory."""

    def __init__(self, corpus: Corpus, retrieve: Retrieve, code_version: str) -> None:
        self._corpus = corpus
        self._retrieve = retrieve
        self._lines: dict[str, list[_Line]] = {}
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}

    def match(self, request: MatchRequest) -> RoleMatch:
        """The requirements of a job description, with what the stories show of each."""
        requirements = [self._requirement(wanted) for wanted in find_requirements(request.description)]
        return RoleMatch(
            requirements=tuple(requirements),
            summary=summarise(requirements),
            discussion_points=tuple(points_to_discuss(requirements)),
            **self._stamp,
        )

    def _requirement(self, wanted: RequirementText) -> Requirement:
        if reason := why_unshown(wanted.text):
            return _unshown(wanted, reason)
        asked = profile_question(wanted.text)
        limit = STORIES_READ_FOR_YEARS if years_asked(wanted.text) else STORIES_READ
        found = self._retrieve(SearchRequest(query=asked or wanted.text[:MAX_QUERY], limit=limit))
        if asked:
            return _from_profile(wanted, found.gate.answer)
        hits = () if found.suppressed or not found.gate.passed else found.hits
        lines = [line for hit in hits for line in self._lines_of(self._corpus.by_id[hit.card.id])]
        judged = [_judged(wanted, sought, lines) for sought in find_alternatives(wanted.text)]
        order = list(Strength)
        return min(judged, key=lambda one: order.index(one.strength), default=_unshown(wanted))

    def _lines_of(self, story: Story) -> list[_Line]:
        if story.id not in self._lines:
            headings = (story.title, story.client, story.industry, story.capability, story.domain, *story.tags)
            context = roots(" ".join(headings))
            self._lines[story.id] = [_Line(story, one, roots(one), context) for one in _sentences(story)]
        return self._lines[story.id]


def _sentences(story: Story) -> Iterable[str]:
    parts = (story.situation, story.task, story.action, story.result, story.process, story.performance)
    texts = [story.curated_summary, *(line for part in parts for line in part)]
    found = dict.fromkeys(one for text in texts for one in split_sentences(visible(without_bullet(text))))
    return [one for one in found if not one[0].islower() and not one.endswith(":")]


def _judged(wanted: RequirementText, sought: Sought, lines: Sequence[_Line]) -> Requirement:
    shown = [show(sought, line.stems, line.context) for line in lines]
    strength = strength_of(sought, shown)
    owners = [line.story.id for line in lines]
    places = best_places(sought, shown, owners, SHOWN_SENTENCES) if strength is not Strength.NONE else []
    naming = best_places(sought, shown, owners, len(lines)) if sought.names else range(len(lines))
    note = _too_few_years(wanted, [lines[place].story for place in naming]) if places else ""
    return Requirement(
        text=wanted.text,
        is_required=wanted.is_required,
        strength=Strength.PARTIAL if note else strength,
        evidence=tuple(_evidence(lines[place]) for place in places),
        missing=missing_names(sought, [shown[place] for place in places]),
        note=note,
    )


def _too_few_years(wanted: RequirementText, naming: Iterable[Story]) -> str:
    """What is said where the stories that name its things, or else those found, cover too few years."""
    periods = [(story.start_date, story.end_date) for story in {story.id: story for story in naming}.values()]
    return years_note(years_asked(wanted.text), months_covered(periods, last_month(periods)))


def _evidence(line: _Line) -> EvidenceSentence:
    story = line.story
    return EvidenceSentence(story_id=story.id, title=story.title, client=story.client, sentence=line.sentence)


def _from_profile(wanted: RequirementText, answer: str) -> Requirement:
    """A requirement that the owner's profile speaks of, as of a degree."""
    said = profile_roots(answer)
    judged = [strength_of(sought, [show(sought, said, frozenset())]) for sought in find_alternatives(wanted.text)]
    strength = min(judged, key=list(Strength).index, default=Strength.NONE)
    return Requirement(text=wanted.text, is_required=wanted.is_required, strength=strength, note=answer)


def _unshown(wanted: RequirementText, reason: str = "") -> Requirement:
    return Requirement(text=wanted.text, is_required=wanted.is_required, strength=Strength.NONE, note=reason)
