"""One side's conversations in memory, which fails on demand and remembers what was done to it."""

from dataclasses import dataclass, field

from backend_clients.errors import Conflict, NotFound
from contracts.ask import FeedbackRequest, Turn


@dataclass
class FakeConversations:
    """`error` fails every call, `errors` those of a session; `kept` holds turns by session and id."""

    error: BaseException | None = None
    errors: dict[str, BaseException] = field(default_factory=dict)
    kept: dict[str, dict[str, Turn]] = field(default_factory=dict)
    rated: list[FeedbackRequest] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def turns(self, session_id: str) -> list[Turn]:
        self._fail(session_id)
        return sorted(self.kept.get(session_id, {}).values(), key=lambda turn: (turn.asked_at, turn.turn_id))

    def append(self, turn: Turn) -> None:
        self._fail(turn.session_id)
        kept = self.kept.setdefault(turn.session_id, {}).setdefault(turn.turn_id, turn)
        if kept != turn:
            raise Conflict("turn already kept with other content")
        self.done.append(f"append {turn.turn_id}")

    def forget(self, session_id: str) -> None:
        self._fail(session_id)
        self.kept.pop(session_id, None)
        self.done.append(f"forget {session_id}")

    def rate(self, feedback: FeedbackRequest) -> None:
        self._fail(feedback.session_id)
        if feedback.turn_id not in self.kept.get(feedback.session_id, {}):
            raise NotFound("there is no such turn")
        self.rated.append(feedback)

    def _fail(self, session_id: str) -> None:
        error = self.errors.get(session_id, self.error)
        if error is not None:
            raise error
