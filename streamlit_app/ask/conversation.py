"""A conversation in the session: its loaded turns and the pending question."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from backend_clients.errors import BackendError
from backend_clients.routed import Routed
from contracts.ask import Answer, AnswerMode, AskRequest
from contracts.conversations import Turn


@dataclass
class PendingQuestion:
    """A question without a stored turn. `turn` is set when it is answered, `error` when that failed."""

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
        """Make a turn of the answer, to be stored."""
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
    """The loaded turns of a session, oldest first; `earlier` is the cursor of the turns before them."""

    session: str
    turns: list[Turn] = field(default_factory=list)
    earlier: str = ""
    suggestions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rated: dict[str, bool] = field(default_factory=dict)
    served: list[Routed[Any]] = field(default_factory=list)

    @property
    def asked(self) -> set[str]:
        return {turn.question for turn in self.turns}


def answer_text(turn: Turn, mode: AnswerMode) -> str:
    """The turn's answer in a mode; in the turn's own mode a model may have written it."""
    if mode is turn.mode:
        return turn.answer
    return str(getattr(turn.modes, mode.value))


def available_modes(turn: Turn) -> list[AnswerMode]:
    """The modes that have an answer."""
    return [mode for mode in AnswerMode if answer_text(turn, mode)]
