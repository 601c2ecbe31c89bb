"""Sides that answer in memory by the rules of the Lambda side, which stay when a domain's move is done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from backend_clients.corpus.corpus import Corpus
from backend_clients.errors import NotFound
from contracts.industries import IndustriesRequest, IndustryCategories, IndustryDetail, IndustryList, IndustryRequest
from contracts.stories import (
    FACET_FIELDS,
    FacetCount,
    RelatedRequest,
    RelatedStories,
    StoryBatch,
    StoryBatchRequest,
    StoryDetail,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import Story, content_hash
from lambdas.common.http import problems
from lambdas.common.index.snapshot import unpack_snapshot
from lambdas.industries.aggregates import group_by_industry, industry_categories, industry_detail, industry_list
from lambdas.stories.catalog import Catalog
from lambdas.stories.ingest.preparation import prepare
from lambdas.stories.service import StoryService
from tests.support.builders.stories import EMBEDDER, corpus

T = TypeVar("T")


class _Stories:
    """A store that is always up to date."""

    def __init__(self, stories: Sequence[Story]) -> None:
        self._catalog = Catalog(unpack_snapshot(prepare(stories, EMBEDDER, lambda _: None).listing))
        self._stories = {content_hash(story): story for story in stories}

    def catalog(self) -> Catalog:
        return self._catalog

    def story(self, key: str) -> Story | None:
        return self._stories.get(key)

    def stories(self, keys: Sequence[str]) -> dict[str, Story]:
        return {key: self._stories[key] for key in keys}


class StoriesSide:
    """An ingest rejects an empty corpus; a site may have one."""

    def __init__(self, of: Corpus) -> None:
        self._version = of.version
        self._service = StoryService(_Stories(of.stories), "test") if of.stories else None  # type: ignore[arg-type]

    def list_stories(self, request: StoryListRequest) -> StoryList:
        if self._service is None:
            facets: dict[str, tuple[FacetCount, ...]] = dict.fromkeys(FACET_FIELDS, ())
            stamp = {"corpus_version": self._version, "code_version": "test"}
            return StoryList(cards=(), total=0, facets=facets, first_start="", last_end="", **stamp)
        return StoryList.model_validate_json(self._service.list_stories(request))

    def get_story(self, request: StoryRequest) -> StoryDetail:
        if self._service is None:
            raise NotFound("No story has this id.")
        service = self._service
        return _answered(lambda: service.story(request))

    def get_stories(self, request: StoryBatchRequest) -> StoryBatch:
        if self._service is None:
            stamp = {"corpus_version": self._version, "code_version": "test"}
            return StoryBatch(stories=(), missing=tuple(dict.fromkeys(request.ids)), unprocessed=(), **stamp)
        return self._service.stories(request)

    def related_stories(self, request: RelatedRequest) -> RelatedStories:
        if self._service is None:
            raise NotFound("No story has this id.")
        service = self._service
        return RelatedStories.model_validate_json(_answered(lambda: service.related(request)))


class IndustriesSide:
    def __init__(self, of: Corpus) -> None:
        self._version = of.version
        self._industries = {industry.slug: industry for industry in group_by_industry(of.stories)}

    def list_industries(self, _request: IndustriesRequest) -> IndustryList:
        return _stamped(industry_list(list(self._industries.values()), self._version))

    def get_industry(self, request: IndustryRequest) -> IndustryDetail:
        return _stamped(self._about(request, industry_detail))

    def list_categories(self, request: IndustryRequest) -> IndustryCategories:
        return _stamped(self._about(request, industry_categories))

    def _about(self, request: IndustryRequest, answer: Callable[..., T]) -> T:
        if request.industry not in self._industries:
            raise NotFound(f"there is no industry with this slug; known ones: {', '.join(sorted(self._industries))}")
        return answer(self._industries[request.industry], self._version)


def stories_side(*stories: Story) -> StoriesSide:
    return StoriesSide(corpus(*stories))


def _answered(call: Callable[[], T]) -> T:
    try:
        return call()
    except problems.NotFound as error:
        raise NotFound(str(error)) from error


def _stamped(answer: T) -> T:
    return answer.model_copy(update={"code_version": "test"})  # type: ignore[attr-defined]
