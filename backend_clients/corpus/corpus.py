"""The stories in memory, loaded once."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from backend_clients.corpus.filters import Spellings, StoryTraits, spellings_of, traits_of
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.rules.tokens import owner_words
from contracts.story import Story, corpus_version
from contracts.story_file import RejectedLine, read_stories

WORDLLAMA_EMBEDDER: Final = "wordllama-256"


@dataclass(frozen=True)
class Corpus:
    """Stories ordered by id, found by id, the owner's facts, and what the file held that could not be used."""

    stories: tuple[Story, ...]
    version: str
    refusals: tuple[RejectedLine, ...] = ()
    facts: ProfileFacts = NO_FACTS
    by_id: dict[str, Story] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {story.id: story for story in self.stories})

    @cached_property
    def traits(self) -> dict[str, StoryTraits]:
        """What filters read of each story, by its id."""
        return traits_of(self.stories)

    @cached_property
    def spellings(self) -> Spellings:
        """How each facet's values are labelled."""
        return spellings_of(self.stories)

    @cached_property
    def owner(self) -> frozenset[str]:
        """The words of the owner's name."""
        return owner_words(self.facts.name, [story.person for story in self.stories])


def load_corpus(path: Path, embedder: str = WORDLLAMA_EMBEDDER, facts: ProfileFacts = NO_FACTS) -> Corpus:
    """Read a story file; raises `StoryFileError` when it cannot serve at all. The embedder is given by its name."""
    loaded = read_stories(path)
    return Corpus(loaded.stories, corpus_version(loaded.stories, embedder, facts), loaded.refusals, facts)
