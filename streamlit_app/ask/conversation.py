"""A conversation as the page holds it: what was said, what waits for an answer, and its address."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from backend_clients.errors import BackendError
from backend_clients.routed import Routed
from contracts.ask import MAX_QUESTION, Answer, AnswerMode, AskRequest, SessionId, Source, Turn
from contracts.stories import StoryId
from streamlit_app.shared.story_list import Params, last

_SESSION_ID: Final[TypeAdapter[str]] = TypeAdapter(SessionId)
_STORY_ID: Final[TypeAdapter[str]] = TypeAdapter(StoryId)


@dataclass(frozen=True)
class ConversationUrl:
    """What the ask page's address says: the session, the story that answers are limited to, a prepared question."""

    session: str = ""
    story: str = ""
    question: str = ""

    def params(self) -> Params:
        """Query parameters that bring the conversation back; a prepared question is not part of it."""
        return {name: value for name, value in (("session", self.session), ("story", self.story)) if value}


@dataclass
class PendingQuestion:
    """A question on its way to becoming a turn. `turn` is set once it was answered, `error` once it was not."""

    question: str
    session: str
    story: str = ""
    from_suggestion: bool = False
    turn_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    asked_at: int = field(default_factory=lambda: int(time.time() * 1000))
    turn: Turn | None = None
    routed: Routed[Answer] | None = None
    error: BackendError | None = None

    def request(self) -> AskRequest:
        return AskRequest(
            question=self.question,
            session_id=self.session,
            turn_id=self.turn_id,
            story_id=self.story or None,
            from_suggestion=self.from_suggestion,
        )

    def answered(self, routed: Routed[Answer]) -> None:
        """Turn the answer into what is kept of it."""
        answer = routed.value
        self.routed = routed
        self.turn = Turn(
            session_id=self.session,
            turn_id=self.turn_id,
            asked_at=self.asked_at,
            question=self.question,
            answer=answer.answer,
            mode=answer.mode,
            modes=answer.modes,
            sources=answer.sources,
            story_id=self.story or None,
            refused=answer.gate.reason,
            degraded=answer.degraded,
        )


@dataclass
class Conversation:
    """The turns of a session that are loaded, oldest first; `earlier` leads to those before them."""

    session: str
    turns: list[Turn] = field(default_factory=list)
    earlier: str = ""
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rated: dict[str, bool] = field(default_factory=dict)
    served: list[Routed[Any]] = field(default_factory=list)

    @property
    def asked(self) -> set[str]:
        return {turn.question for turn in self.turns}


def new_session() -> str:
    """An id that nobody guesses: whoever has it may read the conversation."""
    return secrets.token_urlsafe(24)


def read_talk_address(params: Mapping[str, Sequence[str]]) -> ConversationUrl:
    """What query parameters say; what makes no sense is left aside."""
    session, story = last(params, "session"), last(params, "story")
    return ConversationUrl(
        session=session if _fits(_SESSION_ID, session) else "",
        story=story if _fits(_STORY_ID, story) else "",
        question=clean_question(last(params, "q")),
    )


def clean_question(text: str) -> str:
    """What was typed, as the contract takes it: no control characters but line breaks, not too long."""
    kept = (char for char in text if char in "\n\t" or not (ord(char) < 32 or ord(char) == 127))
    return "".join(kept).encode("utf-8", "ignore").decode()[:MAX_QUESTION].strip()


def told(turn: Turn, mode: AnswerMode) -> str:
    """A turn's answer in a mode; in its own it may be a model's prose."""
    if mode is turn.mode:
        return turn.answer
    return str(getattr(turn.modes, mode.value))


def available_modes(turn: Turn) -> list[AnswerMode]:
    """The modes in which there is something to tell."""
    return [mode for mode in AnswerMode if told(turn, mode)]


def source_params(source: Source, at: ConversationUrl) -> Params:
    """Query parameters of a cited story's page, which leads back to the conversation."""
    params: Params = {"id": source.id, "talk": at.session}
    return {**params, "locked": "1"} if at.story == source.id else params


def read_way_back(params: Mapping[str, Sequence[str]]) -> ConversationUrl | None:
    """The conversation from which a story was opened, if it was."""
    at = read_talk_address({"session": params.get("talk", ()), "story": params.get("id", ())})
    if not at.session:
        return None
    return at if last(params, "locked") else ConversationUrl(at.session)


def _fits(adapter: TypeAdapter[str], value: str) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True
