"""The in-process sides of search and ask over a few stories, with the similarities of stories given by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.question_guard import NonsenseRule, QuestionGuard
from backend_clients.search.legacy import LegacySearch
from contracts.ask import AnswerMode, AskRequest, Modes, Source
from contracts.conversations import Turn
from contracts.story import Story
from tests.support.builders.stories import corpus

SESSION = "session-of-a-visitor"


class BlankEmbedder:
    """Embeds every text as nothing."""

    name = "blank"

    def embed(self, texts: list[str]) -> Any:
        return np.zeros((len(texts), 2), np.float32)


@dataclass
class GivenIndex:
    """Knows each story's cosine with any query; a story that is not named has 0."""

    ids: Sequence[str]
    cosines_of: Mapping[str, float]
    asked: list[int] = field(default_factory=list)

    def nearest(self, vector: Any, count: int) -> list[tuple[str, float]]:
        self.asked.append(count)
        scored = [(story_id, self.cosines_of.get(story_id, 0.0)) for story_id in self.ids]
        return sorted(scored, key=lambda item: (-item[1], item[0]))[:count]

    def cosines(self, vector: Any, ids: Sequence[str]) -> list[float]:
        return [self.cosines_of.get(story_id, 0.0) for story_id in ids]

    def closeness(self, vector: Any, ids: Sequence[str]) -> list[float]:
        return self.cosines(vector, ids)

    def load(self) -> None:
        pass


@dataclass
class LegacySides:
    """In-process search over given cosines, and ask over that search."""

    stories: Sequence[Story]
    cosines: Mapping[str, float]
    rules: tuple[NonsenseRule, ...] = ()

    def __post_init__(self) -> None:
        self.corpus = corpus(*self.stories)
        self.index = GivenIndex([story.id for story in self.corpus.stories], self.cosines)
        gate = QuestionGuard(self.corpus, self.rules)
        self.search = LegacySearch(self.corpus, BlankEmbedder(), self.index, gate, "test")

    def ask(self, folder: Path, writer: AnswerWriter | None = None) -> LegacyAsk:
        self.store = ConversationStore(folder / "conversations.sqlite3")
        browse = listing_of(self.corpus, "test")
        return LegacyAsk(self.corpus, self.search.hybrid, browse, self.store, writer, "test")


def request(question: str, number: int = 99, **fields: Any) -> AskRequest:
    return AskRequest(**{"question": question, "session_id": SESSION, "turn_id": f"turn-{number:04d}", **fields})


def turn(number: int, **fields: Any) -> Turn:
    """A turn that was answered from one story."""
    given = {
        "session_id": SESSION,
        "turn_id": f"turn-{number:04d}",
        "asked_at": 1_750_000_000_000 + number,
        "question": f"Question {number}",
        "answer": f"Answer {number}.",
        "mode": AnswerMode.NARRATIVE,
        "modes": Modes(narrative=f"Answer {number}.", key_points=f"Points {number}.", deep_dive=f"Depth {number}."),
        "sources": (Source(number=1, id="a", title="A", client="Acme", match=80),),
    }
    return Turn(**{**given, **fields})
