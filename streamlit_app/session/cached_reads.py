"""Caches reads of stories, search and industries for a short time, so that a rerun makes no call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import streamlit as st
from pydantic import BaseModel

from backend_clients.bootstrap import Clients
from backend_clients.routed import Routed
from contracts.base import Versioned
from contracts.industries import IndustryCategories, IndustryDetail, IndustryList
from contracts.search import SearchKind, SearchRequest, SearchResult
from contracts.stories import RelatedRequest, RelatedStories, StoryBatch, StoryDetail, StoryList, StoryListRequest

A = TypeVar("A", bound=Versioned)
Place = tuple[str, str]

_SECONDS: Final = 30
_MOST: Final = 200


@dataclass(frozen=True)
class CachedReads:
    """Cached reads for one visitor; each may raise `BackendError`, and failures are not cached.

    Visitors in the same stage share answers. They expire when the flags or a side's corpus change.
    """

    clients: Clients
    visitor: str

    def list_stories(self, request: StoryListRequest) -> Routed[StoryList]:
        return self._read("stories", "list", request, lambda: self.clients.stories.list_stories(request, self.visitor))

    def get_story(self, story_id: str) -> Routed[StoryDetail]:
        return self._read("stories", "get", story_id, lambda: self.clients.stories.get_story(story_id, self.visitor))

    def get_stories(self, ids: tuple[str, ...]) -> Routed[StoryBatch]:
        stories = self.clients.stories
        return self._read("stories", "batch", repr(ids), lambda: stories.get_stories(ids, self.visitor))

    def related_stories(self, request: RelatedRequest) -> Routed[RelatedStories]:
        stories = self.clients.stories
        return self._read("stories", "related", request, lambda: stories.related_stories(request, self.visitor))

    def search(self, request: SearchRequest, kind: SearchKind = SearchKind.HYBRID) -> Routed[SearchResult]:
        return self._read("search", kind, request, lambda: self.clients.search.search(kind, request, self.visitor))

    def list_industries(self) -> Routed[IndustryList]:
        return self._read("industries", "list", "", lambda: self.clients.industries.list_industries(self.visitor))

    def get_industry(self, slug: str) -> Routed[IndustryDetail]:
        return self._read("industries", "get", slug, lambda: self.clients.industries.get_industry(slug, self.visitor))

    def list_categories(self, slug: str) -> Routed[IndustryCategories]:
        industries = self.clients.industries
        return self._read("industries", "categories", slug, lambda: industries.list_categories(slug, self.visitor))

    def _read(self, domain: str, operation: str, request: BaseModel | str, call: Callable[[], Routed[A]]) -> Routed[A]:
        flags = self.clients.flags
        place = (domain, flags.stage(domain, self.visitor).stage.value)
        # A URL can contain any text, even text that cannot be encoded.
        words = ascii(request) if isinstance(request, str) else request.model_dump_json(exclude_defaults=True)
        key = (*place, operation, words, flags.generation, _editions().now(place))
        asked: list[Routed[A]] = []

        def ask() -> Routed[A]:
            asked.append(call())
            return asked[0]

        answer: Routed[A] = cached(key, ask)
        if not asked:
            return replace(answer, latency_ms=0.0, cold_start=False)
        if answer.fell_back:
            cached.clear(key)
        else:
            _editions().note(place, answer.value.corpus_version)
        return answer


class _CorpusGenerations:
    """Counts the changes of the corpus of each domain and stage."""

    def __init__(self) -> None:
        self._seen: dict[Place, tuple[str, int]] = {}

    def now(self, place: Place) -> int:
        return self._seen.get(place, ("", 0))[1]

    def note(self, place: Place, version: str) -> None:
        known, edition = self._seen.get(place, (version, 0))
        self._seen[place] = (version, edition + (known != version))


@st.cache_resource(show_spinner=False)
def _editions() -> _CorpusGenerations:
    return _CorpusGenerations()


# Answers are frozen, so visitors can share one object. Only Streamlit uses the key.
@st.cache_resource(ttl=_SECONDS, max_entries=_MOST, show_spinner=False)
def cached(key: tuple[str | int, ...], _ask: Callable[[], Any]) -> Any:  # noqa: ARG001
    return _ask()
