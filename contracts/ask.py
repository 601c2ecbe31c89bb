"""The `ask` contract: generate, rerank, history and feedback."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from contracts.base import Contract, Versioned
from contracts.search import GuardDecision, SearchFilters
from contracts.story import StoryId

MAX_QUESTION: Final = 2000
CONTEXT_TURNS: Final = 6
RERANK_POOL: Final = 10
CITED_STORIES: Final = 3
NEARLY_BEST: Final = 0.9  # of the best search score: such stories are cited before the others
MIN_SOURCE_EVIDENCE: Final = 0.15  # what comes less close is no source
STRONG_MATCH: Final = 50  # percent of evidence
GOOD_MATCH: Final = 30
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
    """A question within a session. `story_id` limits the answer to that story; a suggestion may not be personal."""

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
    """A cited story. `match` is the evidence for it as a whole percentage, 0..100, and `closeness` a word for that."""

    number: int
    id: StoryId
    title: str
    client: str
    match: int

    closeness: Closeness = Closeness.RELATED

    @model_validator(mode="before")
    @classmethod
    def _put_into_a_word(cls, fields: Any) -> Any:
        """Turns kept before there was a word get the one that goes with their match."""
        if isinstance(fields, dict) and "closeness" not in fields and isinstance(fields.get("match"), int):
            return {**fields, "closeness": closeness_of(fields["match"])}
        return fields


def closeness_of(match: int) -> Closeness:
    """The word for evidence in percent."""
    if match >= STRONG_MATCH:
        return Closeness.STRONG
    return Closeness.GOOD if match >= GOOD_MATCH else Closeness.RELATED


class ScoredId(Contract):
    id: StoryId
    score: float


class RankedStory(Contract):
    """A story's score for the prompt and the parts that add up to it."""

    id: StoryId
    score: float
    metric: float = 0.0
    heading: float = 0.0
    tags: float = 0.0
    detail: float = 0.0
    no_hit: float = 0.0


class Trace(Contract):
    """How an answer came about, layer by layer, for those who compare answers.

    `query` is what was searched for; `retrieved` has the evidence for each story, best ranked first. `prompt_hash` is
    the SHA-256 (hex) of the prompt a model gets or would get.
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
