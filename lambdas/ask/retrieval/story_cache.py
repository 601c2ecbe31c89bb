"""Stories that this process has read, kept for as long as their corpus is the one being served."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from contracts.story import Story
from lambdas.ask.retrieval.reranker import Words

MAX_BYTES: Final = 24_000_000  # of JSON; as objects stories take several times as much


@dataclass(frozen=True)
class CachedStory:
    """A story, what the ranking looks at in it, and its size as JSON in bytes."""

    story: Story
    words: Words
    size: int

    @property
    def id(self) -> str:
        return self.story.id


class StoryCache:
    """Stories by corpus version and id; those not asked for the longest make room. Not for several threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], CachedStory] = OrderedDict()

    def find(self, version: str, story_id: str) -> CachedStory | None:
        key = (version, story_id)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, version: str, known: CachedStory) -> None:
        key = (version, known.id)
        if key in self._kept:
            self._bytes -= self._kept[key].size
        self._kept[key] = known
        self._kept.move_to_end(key)
        self._bytes += known.size
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.size
