"""Fake clients for page tests: legacy rules over a few stories, recorded calls, failures on demand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from backend_clients.corpus.corpus import Corpus
from backend_clients.errors import BackendError, invalid_request
from backend_clients.profile_file import profile_over, read_profile
from backend_clients.routed import Origin, Routed
from backend_clients.routing.read_router import Operation
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from contracts.profile import Profile
from contracts.stories import (
    RelatedRequest,
    RelatedStories,
    StoryBatch,
    StoryBatchRequest,
    StoryDetail,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import Story
from tests.support.builders.stories import complete_story, corpus
from tests.support.sides.lambda_rules import StoriesSide
from tests.support.sides.routed import FakeFlags
from tests.support.site.in_memory_sides import FakeAsk, FakeIndustries, FakeSearch, fake_sides

T = TypeVar("T")


@dataclass
class FakeStories:
    """Answers from `side`; `failures` names operations ("list", "get", "related") and what each raises."""

    side: StoriesSide
    origin: Origin = Origin.LEGACY
    fell_back: bool = False
    cold_start: bool = False
    failures: dict[str, BackendError] = field(default_factory=dict)
    lists: list[StoryListRequest] = field(default_factory=list)

    def list_stories(self, request: StoryListRequest, visitor: str) -> Routed[StoryList]:
        self.lists.append(request)
        return self._routed("list", lambda: self.side.list_stories(request))

    def get_story(self, story_id: str, visitor: str) -> Routed[StoryDetail]:
        try:
            request = StoryRequest(id=story_id)
        except ValidationError as error:
            raise invalid_request(error) from error
        return self._routed("get", lambda: self.side.get_story(request))

    def get_stories(self, story_ids: Iterable[str], visitor: str) -> Routed[StoryBatch]:
        request = StoryBatchRequest(ids=tuple(story_ids))
        return self._routed("batch", lambda: self.side.get_stories(request))

    def related_stories(self, request: RelatedRequest, visitor: str) -> Routed[RelatedStories]:
        return self._routed("related", lambda: self.side.related_stories(request))

    def _routed(self, operation: str, answer: Callable[[], T]) -> Routed[T]:
        if error := self.failures.get(operation):
            raise error
        return Routed(answer(), self.origin, "live", "default", 38.2, self.fell_back, self.cold_start)


@dataclass
class FakeClients:
    stories: FakeStories
    search: FakeSearch
    ask: FakeAsk
    industries: FakeIndustries
    settings: Settings
    flags: FakeFlags
    corpus: Corpus
    closed: bool = False
    drawn_questions: tuple[str, ...] = ()

    def close(self) -> None:
        self.closed = True

    def operations(self, domain: str) -> tuple[Operation[Any, Any], ...]:
        return ()

    @property
    def suggested_questions(self) -> tuple[str, ...]:
        return self.profile.featured_questions or self.drawn_questions

    @property
    def profile(self) -> Profile:
        return profile_over(read_profile(self.settings.profile_file), self.settings.stories_file)


def fake_clients(*stories: Story, **settings: Any) -> FakeClients:
    """Clients over these stories; settings are the site's own unless given."""
    return FakeClients(
        FakeStories(StoriesSide(corpus(*stories))),
        *fake_sides(corpus(*stories)),
        Settings(**settings),
        FakeFlags(Stage.LEGACY),
        corpus(*stories),
    )


def some_stories(count: int, **fields: Any) -> list[Story]:
    """Stories that differ in title, client, era and month, the first one the oldest."""
    return [
        complete_story(
            f"story-{number:03}|acme",
            **{
                "title": f"Story {number:03}",
                "client": ("Acme", "Globex", "Initech")[number % 3],
                "role": "Architect",
                "industry": ("Banking", "Health")[number % 2],
                "era": ("Foundations", "Cloud")[number >= count // 2],
                "category": "Data",
                "sub_category": "Pipelines",
                "capability": "Migration",
                "start_date": f"{2000 + number // 12}-{number % 12 + 1:02}",
                "curated_summary": f"Summary {number:03}.",
                "tags": ("Python", "SQL"),
                **fields,
            },
        )
        for number in range(count)
    ]


def write_profile(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
