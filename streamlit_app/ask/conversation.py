"""A conversation as the page holds it: what was said, what waits for an answer, and its address."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from backend_clients.errors import BackendError
from backend_clients.routed import Routed
from contracts.ask import Answer, AnswerMode, AskRequest, Turn


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


def told(turn: Turn, mode: AnswerMode) -> str:
    """A turn's answer in a mode; in its own it may be a model's prose."""
    if mode is turn.mode:
        return turn.answer
    return str(getattr(turn.modes, mode.value))


def available_modes(turn: Turn) -> list[AnswerMode]:
    """The modes in which there is something to tell."""
    return [mode for mode in AnswerMode if told(turn, mode)]
