"""Matches a job description: searches for each requirement, several at a time, and weighs the sentences found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from contracts.role_match import EvidenceSentence, MatchRequest, Requirement, RoleMatch
from contracts.rules.bullets import without_bullet
from contracts.rules.folding import visible
from contracts.rules.questions.periods import last_month, months_covered
from contracts.rules.questions.sentences import split_sentences
from contracts.rules.roles.facts import profile_question, profile_roots, why_unshown
from contracts.rules.roles.requirements import RequirementText, find_requirements
from contracts.rules.roles.strength import (
    SHOWN_SENTENCES,
    Shown,
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
from lambdas.ask.retrieval.search_client import SearchApi, search_api
from lambdas.ask.retrieval.stories_client import StoriesApi, stories_api
from lambdas.ask.settings import search_api_settings
from lambdas.common.http.service_client import CallContext

STORIES_READ: Final = 20
STORIES_READ_FOR_YEARS: Final = 60
_SEARCHES_AT_ONCE: Final = 8
_STRENGTHS: Final = tuple(Strength)


@dataclass(frozen=True)
class _Sentences:
    """A story's sentences with their stems, and the stems of its headings."""

    story: Story
    texts: tuple[str, ...]
    stems: tuple[frozenset[str], ...]
    headings: frozenset[str]

    @classmethod
    def of(cls, story: Story) -> "_Sentences":
        texts = tuple(dict.fromkeys(_read(story)))
        headings = [story.title, story.client, story.industry, story.capability, story.domain, *story.tags]
        return cls(story, texts, tuple(map(roots, texts)), roots(" ".join(headings)))


@dataclass(frozen=True)
class _Candidates:
    """The sentences of the stories found for one requirement, in the order of the search."""

    stories: tuple[_Sentences, ...] = ()

    def shown(self, sought: Sought) -> list[tuple[_Sentences, str, Shown]]:
        return [
            (one, text, show(sought, stems, one.headings))
            for one in self.stories
            for text, stems in zip(one.texts, one.stems, strict=True)
        ]


class RoleMatchService:
    """Both services may raise `DependencyDown` or `Throttled`. Nothing is stored."""

    def __init__(self, search: SearchApi, stories: StoriesApi, code_version: str) -> None:
        self._search = search
        self._stories = stories
        self._code_version = code_version

    def match(self, request: MatchRequest, caller: CallContext) -> RoleMatch:
        """The requirements of a job description, with what the stories show of each.

        Raises
        ------
        DependencyDown, Throttled
        """
        wanted = find_requirements(request.description)
        results = self._search_all([one for one in wanted if not why_unshown(one.text)], caller)
        any_result = next(iter(results.values()), None) or self._stories.listing(caller)
        version = any_result.corpus_version
        known = self._sentences(results.values(), version, caller)
        requirements = tuple(_requirement(one, results.get(one), known) for one in wanted)
        return RoleMatch(
            corpus_version=version,
            code_version=self._code_version,
            requirements=requirements,
            summary=summarise(requirements),
            discussion_points=tuple(points_to_discuss(requirements)),
        )

    def _search_all(
        self, wanted: Sequence[RequirementText], caller: CallContext
    ) -> dict[RequirementText, SearchResult]:
        """What is found for each requirement; one that no story can show needs no search."""
        requests = [_search_for(one.text) for one in wanted]
        with ThreadPoolExecutor(_SEARCHES_AT_ONCE) as searches:
            found = searches.map(partial(self._search.hybrid, caller=caller), requests)
            return dict(zip(wanted, found, strict=True))

    def _sentences(
        self, results: Iterable[SearchResult], version: str, caller: CallContext
    ) -> Mapping[str, _Sentences]:
        ids = dict.fromkeys(story_id for found in results for story_id in _found(found))
        cached = self._stories.stories(ids, version, caller)
        return {story_id: _Sentences.of(one.story) for story_id, one in cached.items()}


def _search_for(requirement: str) -> SearchRequest:
    limit = STORIES_READ_FOR_YEARS if years_asked(requirement) else STORIES_READ
    return SearchRequest(query=profile_question(requirement) or requirement[:MAX_QUERY], limit=limit)


def _found(found: SearchResult) -> list[str]:
    """The stories that came close enough to a requirement."""
    if found.suppressed or not found.gate.passed:
        return []
    return [hit.card.id for hit in found.hits]


def _read(story: Story) -> Iterator[str]:
    lines = [*story.situation, *story.task, *story.action, *story.result, *story.process, *story.performance]
    for text in (story.curated_summary, *lines):
        for sentence in split_sentences(visible(without_bullet(text))):
            if not sentence[0].islower() and not sentence.endswith(":"):
                yield sentence


def _requirement(wanted: RequirementText, found: SearchResult | None, known: Mapping[str, _Sentences]) -> Requirement:
    if found is None:
        return _as_requirement(wanted, Strength.NONE, why_unshown(wanted.text))
    alternatives = find_alternatives(wanted.text)
    if profile_question(wanted.text):
        stems = profile_roots(found.gate.answer)
        strengths = [strength_of(one, [show(one, stems, frozenset())]) for one in alternatives]
        return _as_requirement(wanted, min(strengths, key=_STRENGTHS.index, default=Strength.NONE), found.gate.answer)
    candidates = _Candidates(tuple(known[story_id] for story_id in _found(found) if story_id in known))
    best = _as_requirement(wanted, Strength.NONE)
    for number, sought in enumerate(alternatives):
        judged = _judged(wanted, sought, candidates)
        if number == 0 or _STRENGTHS.index(judged.strength) < _STRENGTHS.index(best.strength):
            best = judged
    return best


def _judged(wanted: RequirementText, sought: Sought, candidates: _Candidates) -> Requirement:
    lines = candidates.shown(sought)
    shown = [one for _, _, one in lines]
    strength = strength_of(sought, shown)
    if strength is Strength.NONE:
        return _as_requirement(wanted, strength).model_copy(update={"missing": missing_names(sought, ())})
    owners = [one.story.id for one, _, _ in lines]
    chosen = [lines[place] for place in best_places(sought, shown, owners, SHOWN_SENTENCES)]
    naming = best_places(sought, shown, owners, len(lines)) if sought.names else range(len(lines))
    note = _years_note(wanted, [lines[place][0].story for place in naming])
    evidence = tuple(
        EvidenceSentence(story_id=one.story.id, title=one.story.title, client=one.story.client, sentence=text)
        for one, text, _ in chosen
    )
    missing = missing_names(sought, [one for _, _, one in chosen])
    judged = _as_requirement(wanted, Strength.PARTIAL if note else strength, note)
    return judged.model_copy(update={"evidence": evidence, "missing": missing})


def _years_note(wanted: RequirementText, related: Iterable[Story]) -> str:
    """What is said where stories cover fewer years than a requirement asks for."""
    periods = [(story.start_date, story.end_date) for story in {story.id: story for story in related}.values()]
    return years_note(years_asked(wanted.text), months_covered(periods, last_month(periods)))


def _as_requirement(wanted: RequirementText, strength: Strength, note: str = "") -> Requirement:
    return Requirement(text=wanted.text, is_required=wanted.is_required, strength=strength, note=note)


@cache
def role_match_service() -> RoleMatchService:
    """The service of this process."""
    return RoleMatchService(search_api(), stories_api(), search_api_settings().code_version)
