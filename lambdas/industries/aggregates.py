"""Aggregates stories by industry: list, figures, and categories of capabilities."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.industries import (
    AGGREGATE_CLIENTS,
    CORE_STORIES,
    MAX_ENTRIES,
    MAX_GROUP_TAGS,
    MAX_METRIC_LINES,
    CapabilityGroup,
    ClientCount,
    CompetencyCount,
    IndustryCategories,
    IndustryCount,
    IndustryDetail,
    IndustryList,
    MetricLine,
    Tier,
    industry_slug,
)
from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.story import Story
from lambdas.common.text.summaries import strongest_line

UNSTAMPED: Final = ""  # filled in by the function that sends the answer


@dataclass(frozen=True)
class Industry:
    """An industry and its stories, sorted by id."""

    slug: str
    name: str
    stories: tuple[Story, ...]


def group_by_industry(stories: Iterable[Story]) -> list[Industry]:
    """Industries by number of stories, then name; without narratives. The commonest spelling of a slug is its name."""
    by_slug: defaultdict[str, list[Story]] = defaultdict(list)
    for story in sorted(stories, key=lambda story: story.id):
        if story.industry and not story.is_narrative:
            by_slug[industry_slug(story.industry)].append(story)
    industries = [Industry(slug, _commonest_spelling(found), tuple(found)) for slug, found in by_slug.items()]
    return sorted(industries, key=lambda industry: (-len(industry.stories), industry.name))


def industry_list(industries: Sequence[Industry], corpus_version: str) -> IndustryList:
    entries = (
        IndustryCount(name=industry.name, slug=industry.slug, stories=len(industry.stories))
        for industry in industries[:MAX_ENTRIES]
    )
    return IndustryList(
        corpus_version=corpus_version,
        code_version=UNSTAMPED,
        industries=tuple(entries),
        competencies=_competencies(story for industry in industries for story in industry.stories),
    )


def industry_detail(industry: Industry, corpus_version: str) -> IndustryDetail:
    years = [int(date[:4]) for story in industry.stories for date in (story.start_date, story.end_date) if date]
    return IndustryDetail(
        corpus_version=corpus_version,
        code_version=UNSTAMPED,
        name=industry.name,
        slug=industry.slug,
        stories=len(industry.stories),
        clients=_clients(industry.stories),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
        metrics=sum(len(story_metrics(story)) for story in industry.stories),
        strongest=_strongest(industry.stories),
    )


def industry_categories(industry: Industry, corpus_version: str) -> IndustryCategories:
    by_capability: defaultdict[str, list[Story]] = defaultdict(list)
    for story in industry.stories:
        if story.capability:
            by_capability[story.capability].append(story)
    groups = sorted(by_capability.items(), key=lambda group: (-len(group[1]), group[0]))
    return IndustryCategories(
        corpus_version=corpus_version,
        code_version=UNSTAMPED,
        name=industry.name,
        slug=industry.slug,
        categories=tuple(_capability(name, stories) for name, stories in groups[:MAX_ENTRIES]),
    )


def _competencies(stories: Iterable[Story]) -> tuple[CompetencyCount, ...]:
    """A story that repeats a competency counts once."""
    counts = Counter(name for story in stories for name in dict.fromkeys(story.competencies) if name)
    return tuple(CompetencyCount(name=name, stories=count) for name, count in _by_frequency(counts)[:MAX_ENTRIES])


def _commonest_spelling(stories: Iterable[Story]) -> str:
    return _by_frequency(Counter(story.industry for story in stories))[0][0]


def _clients(stories: Iterable[Story]) -> tuple[ClientCount, ...]:
    counts = Counter(story.client for story in stories if story.client)
    clients = [
        ClientCount(name=name, stories=count, aggregate=name.casefold() in AGGREGATE_CLIENTS)
        for name, count in _by_frequency(counts)
    ]
    return tuple(sorted(clients, key=lambda client: client.aggregate)[:MAX_ENTRIES])


def _strongest(stories: Iterable[Story]) -> tuple[MetricLine, ...]:
    found = [(strongest, story) for story in stories if (strongest := strongest_line(story))]
    found.sort(key=lambda pair: (pair[0].rank, pair[1].id))
    return tuple(
        MetricLine(story_id=story.id, title=story.title, line=strongest.line)
        for strongest, story in found[:MAX_METRIC_LINES]
    )


def _capability(name: str, stories: Sequence[Story]) -> CapabilityGroup:
    return CapabilityGroup(
        name=name,
        tier=Tier.CORE if len(stories) >= CORE_STORIES else Tier.SPECIALIZED,
        stories=len(stories),
        clients=len({story.client for story in stories if story.client}),
        tags=_commonest_tags(stories),
    )


def _commonest_tags(stories: Iterable[Story]) -> tuple[str, ...]:
    """Tags by number of stories, then label. Those of one folded key are one; the first story's spelling is shown."""
    label: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for story in stories:
        for tag in story.tags:
            label.setdefault(fold_key(tag), tag)
        counts.update(set(map(fold_key, story.tags)))
    labelled = Counter({label[key]: count for key, count in counts.items()})
    return tuple(tag for tag, _ in _by_frequency(labelled)[:MAX_GROUP_TAGS])


def _by_frequency(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
