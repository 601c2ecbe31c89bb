"""Legacy side of industries: plain loops over the corpus in memory."""

from collections import Counter
from collections.abc import Iterable
from functools import cache

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.summaries import strongest_metric_line, strongest_metric_rank
from backend_clients.errors import NotFound
from contracts.industries import (
    AGGREGATE_CLIENTS,
    CORE_STORIES,
    MAX_ENTRIES,
    MAX_GROUP_TAGS,
    MAX_METRIC_LINES,
    CapabilityGroup,
    ClientCount,
    CompetencyCount,
    IndustriesRequest,
    IndustryCategories,
    IndustryCount,
    IndustryDetail,
    IndustryList,
    IndustryRequest,
    MetricLine,
    Tier,
    industry_slug,
)
from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.story import Story


class LegacyIndustries:
    """The industries rules over a corpus in memory. Stories are grouped by their industry's slug."""

    def __init__(self, corpus: Corpus, code_version: str) -> None:
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}
        self._by_slug: dict[str, list[Story]] = {}
        for story in corpus.stories:
            if story.industry and not story.is_narrative:
                self._by_slug.setdefault(industry_slug(story.industry), []).append(story)
        # The stories do not change, so that each page is made once.
        self._detail = cache(self._make_detail)
        self._categories = cache(self._make_categories)

    def list_industries(self, _request: IndustriesRequest) -> IndustryList:
        rows = [
            IndustryCount(name=_name(stories), slug=slug, stories=len(stories))
            for slug, stories in self._by_slug.items()
        ]
        rows.sort(key=lambda row: (-row.stories, row.name))
        named = _ranked(
            name for stories in self._by_slug.values() for story in stories for name in set(story.competencies)
        )
        competencies = (CompetencyCount(name=name, stories=count) for name, count in named[:MAX_ENTRIES])
        return IndustryList(industries=tuple(rows[:MAX_ENTRIES]), competencies=tuple(competencies), **self._stamp)

    def get_industry(self, request: IndustryRequest) -> IndustryDetail:
        return self._detail(request.industry)

    def list_categories(self, request: IndustryRequest) -> IndustryCategories:
        return self._categories(request.industry)

    def _make_detail(self, slug: str) -> IndustryDetail:
        stories = self._find(slug)
        years = [int(date[:4]) for story in stories for date in (story.start_date, story.end_date) if date]
        return IndustryDetail(
            name=_name(stories),
            slug=slug,
            stories=len(stories),
            clients=_clients(stories),
            first_year=min(years, default=None),
            last_year=max(years, default=None),
            metrics=sum(len(story_metrics(story)) for story in stories),
            strongest=_strongest(stories),
            **self._stamp,
        )

    def _make_categories(self, slug: str) -> IndustryCategories:
        stories = self._find(slug)
        groups: dict[str, list[Story]] = {}
        for story in stories:
            if story.capability:
                groups.setdefault(story.capability, []).append(story)
        rows = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
        return IndustryCategories(
            name=_name(stories),
            slug=slug,
            categories=tuple(_group(name, members) for name, members in rows[:MAX_ENTRIES]),
            **self._stamp,
        )

    def _find(self, slug: str) -> list[Story]:
        stories = self._by_slug.get(slug)
        if stories is None:
            known = ", ".join(sorted(self._by_slug)) or "none"
            text = f"there is no industry with this slug; known ones: {known}"[:2000]
            raise NotFound(text, corpus_version=self._stamp["corpus_version"])
        return stories


def _name(stories: list[Story]) -> str:
    """The most frequent spelling of an industry, ties by name."""
    return _ranked(story.industry for story in stories)[0][0]


def _ranked(values: Iterable[str]) -> list[tuple[str, int]]:
    """Non-empty values with their counts, most frequent first, then by value."""
    counts = Counter(value for value in values if value)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _clients(stories: list[Story]) -> tuple[ClientCount, ...]:
    rows = [
        ClientCount(name=name, stories=count, aggregate=name.casefold() in AGGREGATE_CLIENTS)
        for name, count in _ranked(story.client for story in stories)
    ]
    return tuple(sorted(rows, key=lambda row: row.aggregate)[:MAX_ENTRIES])


def _strongest(stories: list[Story]) -> tuple[MetricLine, ...]:
    ranked = [(rank, story) for story in stories if (rank := strongest_metric_rank(story)) is not None]
    ranked.sort(key=lambda item: (item[0], item[1].id))
    return tuple(
        MetricLine(story_id=story.id, title=story.title, line=strongest_metric_line(story))
        for _, story in ranked[:MAX_METRIC_LINES]
    )


def _group(name: str, stories: list[Story]) -> CapabilityGroup:
    tier = Tier.CORE if len(stories) >= CORE_STORIES else Tier.SPECIALIZED
    spelling: dict[str, str] = {}
    for story in stories:
        for tag in story.tags:
            spelling.setdefault(fold_key(tag), tag)
    tags = _ranked(spelling[fold_key(tag)] for story in stories for tag in story.tags)
    return CapabilityGroup(
        name=name,
        tier=tier,
        stories=len(stories),
        clients=len({story.client for story in stories if story.client}),
        tags=tuple(tag for tag, _ in tags[:MAX_GROUP_TAGS]),
    )
