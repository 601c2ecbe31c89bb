"""The `search` contract: semantic, keyword and hybrid search share one request and one answer."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from contracts.base import Contract, PlainText, Versioned
from contracts.rules.closeness import evidence_of
from contracts.stories import MAX_OFFSET, MAX_PAGE, FacetCount, StoryCard, StoryFilters

MAX_QUERY: Final = 500
CANDIDATES: Final = 100
MIN_COSINE: Final = 0.15
KEPT_WHEN_SUPPRESSED: Final = 3
SHARED_ENOUGH: Final = 0.5 - 1e-6  # of the best full-text score, rounding aside
SYNONYM_WEIGHT: Final = 0.2  # of a synonym's full-text score; a word of the query has 1
PASSAGES_COMPARED: Final = 300  # of the candidates, the nearest ones, whose passages are compared
CLOSE_COSINE: Final = 0.2  # what a story must have to answer a question of which half the words are unknown
MAX_SUGGESTIONS: Final = 4


class SearchKind(StrEnum):
    SEMANTIC = "semantic"
    KEYWORD = "keyword"
    HYBRID = "hybrid"


class SearchFilters(StoryFilters):
    """As for browsing, but professional narratives are included unless refused."""

    include_narratives: bool = True


class SearchRequest(Contract):
    """A query of 1 to 500 characters, filters and a page. Of a suggested one the gate sees that it is not personal."""

    query: Annotated[PlainText, StringConstraints(min_length=1, max_length=MAX_QUERY, pattern=r"\S")]
    filters: SearchFilters = SearchFilters()
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET)] = 0
    from_suggestion: bool = False


class SearchHit(Contract):
    """A card with its score and the score's parts; a part that the kind of search does not use is None.

    `semantic` is a cosine; `keyword` is the share of the query's words that the story has, in 0..1: in keyword search a
    word of its heading counts twice, in hybrid search a rare word counts more. `named` says that the query names the
    story's client, employer or division. `score` is what hits are ordered by, ties by id; it compares the hits of one
    search with each other.
    """

    card: StoryCard
    score: float
    semantic: float | None = None
    keyword: float | None = None
    named: bool = False

    @property
    def evidence(self) -> float:
        """How close the story comes to the query by itself, in 0..1."""
        return evidence_of(self.semantic, self.keyword, named=self.named)


class GuardDecision(Contract):
    """Whether a question is searched for; if not, why, what is answered, and what to ask instead.

    `reason` is "" when passed, else "rule:<category>", "personal", "profile:<fact>", "unknown_topic" or
    "low_confidence". `answer` is the profile's answer, or why there is none; a rule has no words of its own. `unknown`
    are words of the question that no story mentions, also of one that passed.
    """

    passed: bool = True
    reason: str = ""
    suggestions: tuple[str, ...] = ()
    answer: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def holds_for_a_story(self) -> bool:
        """Whether a refusal holds for a question about one given story, too."""
        return self.reason.startswith(("rule:", "personal", "profile:"))


class SearchResult(Versioned):
    """A page of hits.

    `total` counts the hits that pass the filters. Facets count values over the hits that match the *other* filters.
    `suppressed` says that no story came close enough and the best three stand in. `without_filters` is how many hits
    there would be without filters, when filters left none. `degraded` says that no embeddings could be had, so that
    keyword search answered in place of the kind that was asked for.
    """

    hits: tuple[SearchHit, ...]
    total: int
    facets: dict[str, tuple[FacetCount, ...]]
    suppressed: bool = False
    gate: GuardDecision = GuardDecision()
    without_filters: int | None = None
    degraded: Literal["keyword"] | None = None
