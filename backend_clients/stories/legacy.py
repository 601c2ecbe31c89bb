"""Stories served in-process: plain loops over the corpus in memory."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.summary import five_p_line, strongest_metric_line
from backend_clients.corpus.tokens import token_set, tokens
from backend_clients.errors import NotFound
from contracts.metrics import integrity_of, story_metrics
from contracts.stories import (
    FACET_FIELDS,
    MAX_FACET_VALUES,
    FacetCount,
    RelatedRequest,
    RelatedStories,
    RelatedStory,
    Sort,
    StoryCard,
    StoryDetail,
    StoryFilters,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import NARRATIVE_THEME, Story

_VALUES: Final[dict[str, Callable[[Story], Iterable[str]]]] = {
    "industries": lambda story: (story.industry,),
    "capabilities": lambda story: (story.capability,),
    "eras": lambda story: (story.era,),
    "clients": lambda story: (story.client,),
    "roles": lambda story: (story.role,),
    "domains": lambda story: (story.domain,),
    "themes": lambda story: (story.theme,),
    "tags": lambda story: story.tags,
}


class LegacyStories:
    """The stories rules over a corpus in memory."""

    def __init__(self, corpus: Corpus, code_version: str) -> None:
        self._corpus = corpus
        self._stamp = {"corpus_version": corpus.version, "code_version": code_version}

    def list_stories(self, request: StoryListRequest) -> StoryList:
        matches = [story for story in self._corpus.stories if _matches(story, request)]
        page = _ordered(matches, request.sort)[request.offset : request.offset + request.limit]
        return StoryList(
            cards=tuple(card_of(story) for story in page),
            total=len(matches),
            facets={field: self._facet(request, field) for field in FACET_FIELDS},
            first_start=min((story.start_date for story in matches if story.start_date), default=""),
            last_end=max((story.end_date or story.start_date for story in matches), default=""),
            **self._stamp,
        )

    def get_story(self, request: StoryRequest) -> StoryDetail:
        story = self._find(request.id)
        return StoryDetail(
            story=story,
            summary=five_p_line(story),
            metrics=story_metrics(story),
            integrity=integrity_of(story),
            **self._stamp,
        )

    def related_stories(self, request: RelatedRequest) -> RelatedStories:
        asked = self._find(request.id)
        scored = [_related(asked, other) for other in self._corpus.stories if other.id != asked.id]
        found = sorted((item for item in scored if item[0]), key=lambda item: (-item[0], item[1].id))
        related = (
            RelatedStory(card=card_of(story), score=score, why=why) for score, story, why in found[: request.limit]
        )
        return RelatedStories(related=tuple(related), **self._stamp)

    def _find(self, story_id: str) -> Story:
        story = self._corpus.by_id.get(story_id)
        if story is None:
            raise NotFound("there is no story with this id")
        return story

    def _facet(self, request: StoryFilters, field: str) -> tuple[FacetCount, ...]:
        counts: Counter[str] = Counter()
        for story in self._corpus.stories:
            if _matches(story, request, but=field):
                counts.update(_keys(story, field))
        counts.pop("", None)
        if field == "tags":
            counts = self._in_first_spelling(counts)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(FacetCount(value=value, count=count) for value, count in ranked[:MAX_FACET_VALUES])

    def _in_first_spelling(self, counts: Counter[str]) -> Counter[str]:
        spelling: dict[str, str] = {}
        for story in self._corpus.stories:
            for tag in story.tags:
                spelling.setdefault(tag.casefold(), tag)
        return Counter({spelling[key]: count for key, count in counts.items()})


def card_of(story: Story) -> StoryCard:
    """What a list shows of a story."""
    return StoryCard(
        id=story.id,
        title=story.title,
        client=story.client,
        division=story.division,
        role=story.role,
        industry=story.industry,
        domain=story.domain,
        capability=story.capability,
        theme=story.theme,
        era=story.era,
        start_date=story.start_date,
        end_date=story.end_date,
        summary=five_p_line(story),
        headline=strongest_metric_line(story),
        tags=story.tags,
        has_metric=bool(story_metrics(story)),
        complete=integrity_of(story).complete,
    )


def _keys(story: Story, field: str) -> Iterable[str]:
    values = _VALUES[field](story)
    return {tag.casefold() for tag in values} if field == "tags" else values


def _matches(story: Story, filters: StoryFilters, but: str = "") -> bool:
    """Whether a story passes every filter, the field `but` left out."""
    for field in FACET_FIELDS:
        wanted = set(getattr(filters, field))
        if field == "tags":
            wanted = {tag.casefold() for tag in wanted}
        if field != but and wanted and wanted.isdisjoint(_keys(story, field)):
            return False
    if story.is_narrative and not filters.include_narratives and NARRATIVE_THEME not in filters.themes:
        return False
    if filters.has_metric is not None and filters.has_metric != bool(story_metrics(story)):
        return False
    return not filters.q or token_set(story.texts()).issuperset(tokens(filters.q))


def _ordered(stories: list[Story], sort: Sort) -> list[Story]:
    """Stories by id already, so that a stable sort breaks ties by id in either direction."""
    field = sort.value.removeprefix("-")
    descending = sort.value.startswith("-")
    if field == "start_date":
        dated = sorted((s for s in stories if s.start_date), key=lambda s: s.start_date, reverse=descending)
        return dated + [story for story in stories if not story.start_date]
    return sorted(stories, key=lambda s: (getattr(s, field).casefold(), getattr(s, field)), reverse=descending)


def _related(asked: Story, other: Story) -> tuple[int, Story, tuple[str, ...]]:
    why: list[str] = []
    score = 0
    if asked.client and asked.client == other.client:
        score += 3
        why.append("client")
    if asked.domain and asked.domain == other.domain:
        score += 2
        why.append("domain")
    theirs = {tag.casefold() for tag in other.tags}
    shared = [tag for tag in asked.tags if tag.casefold() in theirs]
    return score + len(shared), other, (*why, *(f"tag:{tag}" for tag in shared))
