"""One side's conversations in memory, which fails on demand and remembers what was done to it."""

from dataclasses import dataclass, field

from backend_clients.ask.conversations import Conversation
from backend_clients.errors import Conflict, NotFound
from contracts.conversations import FeedbackRequest, Rating, Turn


@dataclass
class FakeConversations:
    """`error` fails every call, `errors` those of a session; `kept` holds turns by session and id, `rated` verdicts."""

    error: BaseException | None = None
    errors: dict[str, BaseException] = field(default_factory=dict)
    kept: dict[str, dict[str, Turn]] = field(default_factory=dict)
    rated: dict[tuple[str, str], Rating] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def read(self, session_id: str) -> Conversation:
        self._fail(session_id)
        turns = self.turns(session_id)
        verdicts = [self.rated[session_id, it.turn_id] for it in turns if (session_id, it.turn_id) in self.rated]
        return Conversation(tuple(turns), tuple(verdicts))

    def turns(self, session_id: str) -> list[Turn]:
        return sorted(self.kept.get(session_id, {}).values(), key=lambda turn: (turn.asked_at, turn.turn_id))

    def sessions(self, after: str) -> list[str]:
        return sorted(session for session, turns in self.kept.items() if turns and session > after)

    def append(self, turn: Turn) -> None:
        self._fail(turn.session_id)
        kept = self.kept.setdefault(turn.session_id, {}).setdefault(turn.turn_id, turn)
        if kept != turn:
            raise Conflict("turn already kept with other content")
        self.done.append(f"append {turn.turn_id}")

    def forget(self, session_id: str) -> None:
        self._fail(session_id)
        for turn_id in self.kept.pop(session_id, {}):
            self.rated.pop((session_id, turn_id), None)
        self.done.append(f"forget {session_id}")

    def rate(self, feedback: FeedbackRequest) -> None:
        self._fail(feedback.session_id)
        if feedback.turn_id not in self.kept.get(feedback.session_id, {}):
            raise NotFound("there is no such turn")
        key = (feedback.session_id, feedback.turn_id)
        if key not in self.rated or self.rated[key].rated_at <= feedback.rated_at:
            self.rated[key] = Rating(**feedback.model_dump(exclude={"session_id"}))
            self.done.append(f"rate {feedback.turn_id}")

    def _fail(self, session_id: str) -> None:
        error = self.errors.get(session_id, self.error)
        if error is not None:
            raise error
