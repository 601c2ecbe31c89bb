"""The contract of role match: a job description's requirements, and how strongly the stories show each."""

from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from contracts.ask import Prose
from contracts.base import Contract, Versioned
from contracts.rules.roles.strength import Strength
from contracts.story import StoryId

FEWEST_WORDS: Final = 30
MOST_WORDS: Final = 3000
MAX_DESCRIPTION: Final = 40_000  # characters


def _of_a_length(text: str) -> str:
    count = len(text.split())
    if count < FEWEST_WORDS:
        raise ValueError(f"must have at least {FEWEST_WORDS} words; it has {count}")
    if count > MOST_WORDS:
        raise ValueError(f"must have at most {MOST_WORDS:,} words; it has {count:,}")
    return text


def _plain_lines(text: object) -> object:
    """Carriage returns and the like as plain line ends."""
    return "\n".join(text.splitlines()) if isinstance(text, str) else text


JobDescription = Annotated[
    Prose,
    StringConstraints(max_length=MAX_DESCRIPTION),
    BeforeValidator(_plain_lines),
    AfterValidator(_of_a_length),
]


class MatchRequest(Contract):
    """A job description of 30 to 3,000 words. No record keeps it."""

    unrecorded: ClassVar[frozenset[str]] = frozenset({"description"})

    description: JobDescription


class EvidenceSentence(Contract):
    """A sentence of a story that shows a requirement, or part of it."""

    story_id: StoryId
    title: str
    client: str
    sentence: str


class Requirement(Contract):
    """A requirement as worded in the job description, and what the stories show of it.

    `missing` are things it names that no shown sentence holds. `note` says what else limits the match, such as too few
    years, or what the owner's profile says of it.
    """

    text: str
    is_required: bool
    strength: Strength
    evidence: tuple[EvidenceSentence, ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the stories shown."""
        return tuple(dict.fromkeys(one.title for one in self.evidence))


class RoleMatch(Versioned):
    """The requirements in the order of the job description, a summary, and at most five points to discuss."""

    requirements: tuple[Requirement, ...]
    summary: str
    discussion_points: tuple[str, ...] = ()
