"""In-memory LRU cache of stories, keyed by corpus version and id."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from contracts.story import Story
from lambdas.ask.retrieval.reranker import Words

MAX_BYTES: Final = 24_000_000  # of JSON; as objects stories take several times as much


@dataclass(frozen=True)
class CachedStory:
    """A story, the words it is ranked by, and its size as JSON in bytes."""

    story: Story
    words: Words
    size: int

    @classmethod
    def of(cls, story: Story) -> "CachedStory":
        return cls(story, Words.of(story), len(story.model_dump_json().encode()))

    @property
    def id(self) -> str:
        return self.story.id


class StoryCache:
    """LRU eviction by JSON size. Not thread-safe."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], CachedStory] = OrderedDict()

    def find(self, version: str, story_id: str) -> CachedStory | None:
        key = (version, story_id)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, version: str, story: CachedStory) -> None:
        key = (version, story.id)
        if key in self._kept:
            self._bytes -= self._kept[key].size
        self._kept[key] = story
        self._kept.move_to_end(key)
        self._bytes += story.size
        while self._bytes > self._max_bytes:
            _, evicted = self._kept.popitem(last=False)
            self._bytes -= evicted.size
