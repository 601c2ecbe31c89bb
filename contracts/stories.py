"""The `stories` contract: list, get and related."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import AfterValidator, Field, ValidationError

from contracts.base import Contract, PlainText, Versioned
from contracts.profile import NOBODY, OwnerFacts
from contracts.rules.folding import fold_key
from contracts.rules.metrics import Integrity, Metric
from contracts.story import NARRATIVE_THEME, Story, StoryId

MAX_PAGE: Final = 100
MAX_OFFSET: Final = 1_000_000
MAX_FILTER_VALUES: Final = 50
MAX_VALUE_LENGTH: Final = 1000
MAX_FACET_VALUES: Final = 200
MAX_BATCH: Final = 25
MAX_BATCH_QUERY: Final = 8_000  # API Gateway takes 10,240 bytes of request line and headers
MAX_BATCH_BYTES: Final = 2_000_000  # of the stories' JSON; a Lambda function answers 6 MB at most
FACET_FIELDS: Final = (
    *("industries", "capabilities", "eras", "clients", "employers", "roles", "domains", "themes"),
    "tags",
)


FilterValue = Annotated[PlainText, Field(min_length=1, max_length=MAX_VALUE_LENGTH)]
FilterValues = Annotated[tuple[FilterValue, ...], Field(max_length=MAX_FILTER_VALUES)]


class Sort(StrEnum):
    """Order of a list; "-" is descending. Undated stories come last either way; ties are broken by id."""

    NEWEST = "-start_date"
    OLDEST = "start_date"
    TITLE = "title"
    TITLE_DESC = "-title"
    CLIENT = "client"
    CLIENT_DESC = "-client"
    ROLE = "role"
    ROLE_DESC = "-role"


class StoryFilters(Contract):
    """AND across fields, OR within one; every token of `q` must occur in the story.

    Values are compared by `fold_key`: case, white space and invisible characters do not count. A value of nothing else
    is no story's.
    """

    industries: FilterValues = ()
    capabilities: FilterValues = ()
    eras: FilterValues = ()
    clients: FilterValues = ()
    employers: FilterValues = ()
    roles: FilterValues = ()
    domains: FilterValues = ()
    themes: FilterValues = ()
    tags: FilterValues = ()
    has_metric: bool | None = None
    include_narratives: bool = False
    q: Annotated[PlainText, Field(max_length=200)] = ""

    @property
    def with_narratives(self) -> bool:
        """Whether professional narratives pass: they are included, or their theme is filtered by."""
        return self.include_narratives or fold_key(NARRATIVE_THEME) in map(fold_key, self.themes)


class StoryListRequest(StoryFilters):
    """Filters, an order and a page.

    Of the words of each value of `mentions` one must occur in the story, in any of its forms: "migrate engine" is met
    by "migrated" and by "engines". Words shorter than three letters occur in no story.
    """

    mentions: Annotated[tuple[Annotated[PlainText, Field(max_length=200)], ...], Field(max_length=10)] = ()
    sort: Sort = Sort.NEWEST
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0


class StoryCard(Contract):
    """What a list shows of a story. `summary` is the 5P line; `headline` the strongest metric line, if any."""

    id: StoryId
    title: str
    client: str
    employer: str
    division: str
    place: str
    role: str
    industry: str
    domain: str
    capability: str
    theme: str
    era: str
    start_date: str
    end_date: str
    summary: str
    headline: str
    tags: tuple[str, ...]
    has_metric: bool
    complete: bool


class FacetCount(Contract):
    value: str
    count: int


class StoryList(Versioned):
    """A page of cards.

    `total` counts all matches. A facet counts each value over the stories that match the *other* fields: most frequent
    first, then by value, at most 200. Values of one `fold_key` are one, spelled as the first story by id spells it.
    `first_start` and `last_end` (YYYY-MM or "") span the matches. `owner` holds the words of the owner's name,
    lower case; `owner_facts` those facts of the profile that an answer may state.
    """

    cards: tuple[StoryCard, ...]
    total: int
    facets: dict[str, tuple[FacetCount, ...]]
    first_start: str
    last_end: str
    owner: tuple[str, ...] = ()
    owner_facts: OwnerFacts = NOBODY


class StoryRequest(Contract):
    id: StoryId


class StoryContent(Contract):
    """A whole story with its 5P line, its metrics and its integrity report."""

    story: Story
    summary: str
    metrics: tuple[Metric, ...]
    integrity: Integrity


class StoryDetail(StoryContent, Versioned):
    """The content of one story, stamped with its versions."""


def _query_bytes(story_id: str) -> int:
    return len(f"&ids={quote(story_id, safe='')}")


def _fits_into_a_query(ids: tuple[str, ...]) -> tuple[str, ...]:
    if sum(map(_query_bytes, ids)) > MAX_BATCH_QUERY:
        raise ValueError(f"must be at most {MAX_BATCH_QUERY} bytes long together, percent-encoded")
    return ids


class StoryBatchRequest(Contract):
    """Several stories by id; a repeated id counts once."""

    ids: Annotated[tuple[StoryId, ...], Field(min_length=1, max_length=MAX_BATCH), AfterValidator(_fits_into_a_query)]

    @classmethod
    def covering(cls, ids: Iterable[str]) -> tuple["StoryBatchRequest", ...]:
        """The fewest requests, in order, that hold all the ids; an id that no request may hold is left out."""
        batches: list[tuple[str, ...]] = [()]
        for story_id in dict.fromkeys(ids):
            if not cls._accepts((story_id,)):
                continue
            if cls._accepts((*batches[-1], story_id)):
                batches[-1] += (story_id,)
            else:
                batches.append((story_id,))
        return tuple(cls(ids=batch) for batch in batches if batch)

    @classmethod
    def _accepts(cls, ids: tuple[str, ...]) -> bool:
        try:
            cls(ids=ids)
        except ValidationError:
            return False
        return True


class StoryBatch(Versioned):
    """The stories of a batch in the order of the requested ids, each once.

    `missing` are ids that no story has. `unprocessed` are ids of stories that would have made the answer longer than
    `MAX_BATCH_BYTES`; request them again. The first story is always in the answer.
    """

    stories: tuple[StoryContent, ...]
    missing: tuple[StoryId, ...]
    unprocessed: tuple[StoryId, ...]


class RelatedRequest(Contract):
    id: StoryId
    limit: Annotated[int, Field(ge=1, le=12)] = 3


class RelatedStory(Contract):
    """A card with its score and the reasons for it: "client", "domain", and each shared tag as "tag:<spelling>"."""

    card: StoryCard
    score: int
    why: tuple[str, ...]


class RelatedStories(Versioned):
    related: tuple[RelatedStory, ...]
