"""In-memory search, ask and industries for page tests, with failures on demand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zlib import crc32

import numpy as np
from pydantic import ValidationError

from backend_clients.ask.in_process.conversation_store import cursor_of
from backend_clients.ask.legacy import LegacyAsk
from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Vectors, normalised
from backend_clients.corpus.listing import listing_of
from backend_clients.corpus.question_guard import QuestionGuard, load_rules
from backend_clients.errors import BackendError, invalid_request
from backend_clients.routed import Origin, Routed
from backend_clients.search.legacy import LegacySearch
from backend_clients.settings import Settings
from contracts.ask import Answer, AskRequest
from contracts.conversations import (
    AppendAck,
    DeleteResult,
    FeedbackAck,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Rating,
    Turn,
)
from contracts.industries import IndustriesRequest, IndustryCategories, IndustryDetail, IndustryList, IndustryRequest
from contracts.role_match import MatchRequest, RoleMatch
from contracts.search import SearchKind, SearchRequest, SearchResult
from tests.support.sides.lambda_rules import IndustriesSide

T = TypeVar("T")
_DIMENSIONS = 1024


class WordEmbedder:
    """A text's vector counts its words, so that shared words are closeness."""

    name = "words"

    def embed(self, texts: list[str]) -> Vectors:
        rows = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w{3,}", text.casefold()):
                row[crc32(word.encode()) % _DIMENSIONS] += 1
        return normalised(rows)


class WordIndex:
    def __init__(self, corpus: Corpus, embedder: WordEmbedder) -> None:
        self._ids = [story.id for story in corpus.stories]
        self._rows = embedder.embed([story.embedding_text() for story in corpus.stories])

    def nearest(self, vector: Vectors, count: int) -> list[tuple[str, float]]:
        cosines = self._rows @ vector
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self._ids[row], float(cosines[row])) for row in best]

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        found = dict(zip(self._ids, (self._rows @ vector).tolist(), strict=True))
        return [found[story_id] for story_id in ids]

    def closeness(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        return self.cosines(vector, ids)

    def load(self) -> None:
        """There is nothing to load."""


@dataclass
class Side:
    """What every fake client shares: `failures` names operations and what each raises."""

    origin: Origin = Origin.LEGACY
    failures: dict[str, BackendError] = field(default_factory=dict)

    def routed(self, operation: str, answer: Callable[[], T]) -> Routed[T]:
        if error := self.failures.get(operation):
            raise error
        return Routed(answer(), self.origin, "legacy", "default", latency_ms=38.2)


@dataclass
class FakeSearch(Side):
    side: Any = None
    searches: list[SearchRequest] = field(default_factory=list)

    def search(self, kind: SearchKind, request: SearchRequest, visitor: str) -> Routed[SearchResult]:
        self.searches.append(request)
        return self.routed(kind.value, lambda: getattr(self.side, kind.value)(request))

    def prepare(self) -> None:
        """There is nothing to build."""


@dataclass
class Conversations:
    """What is kept of conversations, in memory; it outlives a page, as a database does."""

    turns: dict[str, Turn] = field(default_factory=dict)
    verdicts: list[FeedbackRequest] = field(default_factory=list)

    def page(self, request: HistoryRequest) -> tuple[list[Turn], str]:
        own = sorted((turn for turn in self.turns.values() if turn.session_id == request.session_id), key=cursor_of)
        before = [turn for turn in own if not request.before or cursor_of(turn) < request.before]
        shown = before[-request.limit :]
        return shown, cursor_of(shown[0]) if len(before) > len(shown) else ""

    def context(self, session_id: str, turn_id: str, limit: int) -> list[Turn]:
        turns, _ = self.page(HistoryRequest(session_id=session_id, limit=limit))
        own = next((turn for turn in turns if turn.turn_id == turn_id), None)
        before = HistoryRequest(session_id=session_id, limit=limit, before=cursor_of(own)) if own else None
        return self.page(before)[0] if before else turns

    def verdicts_on(self, turns: list[Turn]) -> list[Rating]:
        rated = {item.turn_id: item for item in self.verdicts}
        found = [rated[turn.turn_id] for turn in turns if turn.turn_id in rated]
        return [Rating.model_validate(item.model_dump(exclude={"session_id"})) for item in found]

    def append(self, turn: Turn) -> bool:
        return self.turns.setdefault(turn.turn_id, turn) is turn

    def forget(self, session_id: str) -> int:
        gone = [turn.turn_id for turn in self.turns.values() if turn.session_id == session_id]
        for turn_id in gone:
            del self.turns[turn_id]
        return len(gone)

    def rate(self, feedback: FeedbackRequest) -> None:
        self.verdicts.append(feedback)


@dataclass
class FakeAsk(Side):
    """`changes` are made to every answer; `streamed` is what a model writes before it, as it comes."""

    side: Any = None
    kept: Conversations = field(default_factory=Conversations)
    changes: dict[str, Any] = field(default_factory=dict)
    streamed: tuple[str, ...] = ()
    asked: list[AskRequest] = field(default_factory=list)

    def ask(self, request: AskRequest, visitor: str, on_text: Callable[[str], None] | None = None) -> Routed[Answer]:
        self.asked.append(request)
        for text in self.streamed if on_text else ():
            on_text(text)
        return self.routed("ask", lambda: self.side.generate(request).model_copy(update=self.changes))

    def match(self, request: MatchRequest, visitor: str) -> Routed[RoleMatch]:
        return self.routed("match", lambda: self.side.match(request))

    def history(self, request: HistoryRequest, visitor: str) -> Routed[History]:
        return self.routed("history", lambda: self.side.history(request))

    def append(self, turn: Turn, visitor: str) -> Routed[AppendAck]:
        return self.routed("append", lambda: self.side.append(turn))

    def forget(self, request: ForgetRequest, visitor: str) -> Routed[DeleteResult]:
        return self.routed("forget", lambda: self.side.forget(request))

    def rate(self, request: FeedbackRequest, visitor: str) -> Routed[FeedbackAck]:
        return self.routed("rate", lambda: self.side.rate(request))


@dataclass
class FakeIndustries(Side):
    side: Any = None

    def list_industries(self, visitor: str) -> Routed[IndustryList]:
        return self.routed("list", lambda: self.side.list_industries(IndustriesRequest()))

    def get_industry(self, slug: str, visitor: str) -> Routed[IndustryDetail]:
        return self.routed("get", lambda: self.side.get_industry(_request(slug)))

    def list_categories(self, slug: str, visitor: str) -> Routed[IndustryCategories]:
        return self.routed("categories", lambda: self.side.list_categories(_request(slug)))


def fake_sides(corpus: Corpus) -> tuple[FakeSearch, FakeAsk, FakeIndustries]:
    """One fake client a domain over the same corpus."""
    embedder = WordEmbedder()
    gate = QuestionGuard(corpus, load_rules(Settings().nonsense_file))
    search = LegacySearch(corpus, embedder, WordIndex(corpus, embedder), gate, "test")
    kept = Conversations()
    ask: Any = LegacyAsk(corpus, search.hybrid, listing_of(corpus, "test"), kept, None, "test")  # type: ignore[arg-type]
    return FakeSearch(side=search), FakeAsk(side=ask, kept=kept), FakeIndustries(side=IndustriesSide(corpus))


def _request(slug: str) -> IndustryRequest:
    try:
        return IndustryRequest(industry=slug)
    except ValidationError as error:
        raise invalid_request(error) from error
