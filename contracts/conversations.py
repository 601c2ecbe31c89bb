"""The conversations of the `ask` contract: turns, history and feedback."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contracts.ask import AnswerMode, DegradedReason, Modes, Prose, Question, SessionId, Source, TurnId
from contracts.base import Contract, PlainText, Versioned
from contracts.story import StoryId

MAX_COMMENT: Final = 1000
MAX_TURNS: Final = 100
MAX_TURN_BYTES: Final = 200_000
MAX_PAGE_BYTES: Final = 1_500_000  # JSON within JSON may grow threefold, and a function answers 6 MB at most
EpochMs = Annotated[int, Field(ge=0, le=9_999_999_999_999)]


class Turn(Contract):
    """One question and its answer, as kept. `asked_at` is in milliseconds since the epoch, given by the asker."""

    session_id: SessionId
    turn_id: TurnId
    asked_at: EpochMs
    question: Question
    answer: Annotated[Prose, StringConstraints(max_length=MAX_TURN_BYTES)]
    mode: AnswerMode
    modes: Modes
    sources: Annotated[tuple[Source, ...], Field(max_length=10)] = ()
    story_id: StoryId | None = None
    refused: str = ""
    degraded: DegradedReason = DegradedReason.NO

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in its session: by the time asked, then by id."""
        return (self.asked_at, self.turn_id)


class AppendAck(Versioned):
    """The turn is kept; `created` is False when this very turn was kept before."""

    turn_id: TurnId
    created: bool


class HistoryRequest(Contract):
    """Turns of a session; `before` is the `next_before` of the page that followed.

    A page has fewer than `limit`, but at least one, where more would have over `MAX_PAGE_BYTES` as JSON.
    """

    session_id: SessionId
    limit: Annotated[int, Field(ge=1, le=MAX_TURNS)] = 20
    before: Annotated[PlainText, Field(max_length=100)] = ""


class Rating(Contract):
    """What a visitor said of a turn. `rated_at` is in milliseconds since the epoch; the latest verdict stands."""

    turn_id: TurnId
    helpful: bool
    comment: Annotated[Prose, StringConstraints(max_length=MAX_COMMENT)] = ""
    rated_at: EpochMs = 0


def _each_once_in_order(turns: Sequence[Turn]) -> Sequence[Turn]:
    if len({turn.session_id for turn in turns}) > 1:
        raise ValueError("must be of one session")
    if len({turn.turn_id for turn in turns}) < len(turns):
        raise ValueError("must not hold a turn twice")
    if any(earlier.place > later.place for earlier, later in pairwise(turns)):
        raise ValueError("must be in the order in which they were asked")
    return turns


class History(Versioned):
    """The newest turns before a point: each once, oldest first by `asked_at`, then turn id.

    `verdicts` are those on these turns, in the order of the turns; `next_before` is "" where the session begins.
    """

    turns: Annotated[tuple[Turn, ...], Field(max_length=MAX_TURNS), AfterValidator(_each_once_in_order)]
    verdicts: tuple[Rating, ...] = ()
    next_before: str = ""

    @model_validator(mode="after")
    def _rests_on_its_turns(self) -> Self:
        turns = iter(self.turns)
        if not all(any(turn.turn_id == verdict.turn_id for turn in turns) for verdict in self.verdicts):
            raise ValueError("verdicts must be on these turns, in their order")
        if self.next_before and not self.turns:
            raise ValueError("next_before must come before a turn")
        return self


class ForgetRequest(Contract):
    session_id: SessionId


class DeleteResult(Versioned):
    """How many turns were there to forget."""

    turns: int


class FeedbackRequest(Rating):
    """A visitor's verdict on a turn of their own session; a later one replaces it, an earlier one changes nothing."""

    session_id: SessionId


class FeedbackAck(Versioned):
    turn_id: TurnId
