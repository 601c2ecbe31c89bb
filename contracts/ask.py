"""The `ask` contract: generate, rerank, history and feedback."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contracts.base import Contract, Versioned
from contracts.search import GuardDecision, SearchFilters
from contracts.stories import PlainText, StoryId

MAX_QUESTION: Final = 2000
MAX_COMMENT: Final = 1000
MAX_TURNS: Final = 100
CONTEXT_TURNS: Final = 6
RERANK_POOL: Final = 10
CITED_STORIES: Final = 3
MIN_SOURCE_SCORE: Final = 0.15  # what comes less close is no source
STRONG_MATCH: Final = 40  # percent
GOOD_MATCH: Final = 25
MAX_TURN_BYTES: Final = 200_000
MAX_PAGE_BYTES: Final = 1_500_000  # JSON within JSON may grow threefold, and a function answers 6 MB at most
EXTRACTIVE: Final = "extractive"  # what `trace.model` says where no model wrote the answer
UNTITLED: Final = "Untitled story"

METRIC_WEIGHT: Final = 1.0
HEADING_WEIGHT: Final = 0.6
TAG_WEIGHT: Final = 0.5
DETAIL_WEIGHT: Final = 0.2
NO_HIT_PENALTY: Final = -0.4


def _prose(value: str) -> str:
    if any(
        (ord(char) < 32 and char not in "\n\t") or 0xD800 <= ord(char) <= 0xDFFF or ord(char) == 127 for char in value
    ):
        raise ValueError("must not hold control characters or lone surrogates")
    return value


Prose = Annotated[str, AfterValidator(_prose)]
Question = Annotated[Prose, StringConstraints(min_length=1, max_length=MAX_QUESTION, pattern=r"\S")]
SessionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
TurnId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
EpochMs = Annotated[int, Field(ge=0, le=9_999_999_999_999)]


class AnswerMode(StrEnum):
    NARRATIVE = "narrative"
    KEY_POINTS = "key_points"
    DEEP_DIVE = "deep_dive"


class DegradedReason(StrEnum):
    """Why an answer, or with `PARTLY` the rest of it, is extractive although a model should have written it."""

    NO = ""
    PARTLY = "partly"
    UNGROUNDED = "ungrounded"
    MODEL_DOWN = "model_down"
    BUDGET = "budget"


class AskRequest(Contract):
    """A question within a session. `story_id` limits the answer to that story; a suggestion skips the gate."""

    question: Question
    session_id: SessionId
    turn_id: TurnId
    story_id: StoryId | None = None
    filters: SearchFilters = SearchFilters()
    mode: AnswerMode = AnswerMode.NARRATIVE
    from_suggestion: bool = False


class Modes(Contract):
    """The three ways to tell the same, composed from the stories' own words, as Markdown with `[n]` marks."""

    narrative: str = ""
    key_points: str = ""
    deep_dive: str = ""


class Closeness(StrEnum):
    """How close a source comes to the question, in a word."""

    STRONG = "strong"
    GOOD = "good"
    RELATED = "related"


class Source(Contract):
    """A cited story. `match` is its search score as a whole percentage, 0..100, and `closeness` a word for it."""

    number: int
    id: str
    title: str
    client: str
    match: int

    closeness: Closeness = Closeness.RELATED

    @model_validator(mode="before")
    @classmethod
    def _put_into_a_word(cls, fields: Any) -> Any:
        """Turns kept before there was a word get the one that goes with their score."""
        if isinstance(fields, dict) and "closeness" not in fields and isinstance(fields.get("match"), int):
            return {**fields, "closeness": closeness_of(fields["match"])}
        return fields


def closeness_of(match: int) -> Closeness:
    """The word for a score in percent."""
    if match >= STRONG_MATCH:
        return Closeness.STRONG
    return Closeness.GOOD if match >= GOOD_MATCH else Closeness.RELATED


class ScoredId(Contract):
    id: str
    score: float


class RankedStory(Contract):
    """A story's score for the prompt and the parts that add up to it."""

    id: str
    score: float
    metric: float = 0.0
    heading: float = 0.0
    tags: float = 0.0
    detail: float = 0.0
    no_hit: float = 0.0


class Trace(Contract):
    """How an answer came about, layer by layer, for those who compare answers.

    `query` is what was searched for; `prompt_hash` is the SHA-256 (hex) of the prompt a model gets or would get.
    """

    query: str = ""
    retrieved: tuple[ScoredId, ...] = ()
    ranked: tuple[RankedStory, ...] = ()
    prompt_hash: str = ""
    model: str = ""


class Answer(Versioned):
    """An answer with its sources. A refused question has no sources, and its gate says why."""

    turn_id: TurnId
    answer: Prose
    mode: AnswerMode
    modes: Modes
    sources: tuple[Source, ...]
    gate: GuardDecision = GuardDecision()
    trace: Trace = Trace()
    degraded: DegradedReason = DegradedReason.NO


class RerankRequest(Contract):
    """Candidates in the order in which search found them."""

    question: Question
    candidates: Annotated[tuple[ScoredId, ...], Field(min_length=1, max_length=100)]


class Reranked(Versioned):
    ranked: tuple[RankedStory, ...]


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
