"""The `industries` contract: names with counts, one industry's figures, its capabilities by tier."""

import re
import unicodedata
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from contracts.base import Contract, PlainText, Versioned
from contracts.rules.folding import fold_key
from contracts.story import StoryId

CORE_STORIES: Final = 3
MAX_GROUP_TAGS: Final = 5
MAX_METRIC_LINES: Final = 6
MAX_ENTRIES: Final = 500
AGGREGATE_CLIENTS: Final = frozenset(
    {"multiple clients", "various clients", "fortune 500 clients", "independent project", "independent projects"}
)


def industry_slug(name: str) -> str:
    """Lower case, every other character to a single hyphen; a name without a Latin letter or digit gets a hash.

    Names of one `fold_key` have one slug, and a slug is its own.
    """
    key = fold_key(name)
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug or f"industry-{sha256(key.encode()).hexdigest()[:8]}"


Slug = Annotated[PlainText, Field(min_length=1, max_length=1000), AfterValidator(industry_slug)]


class IndustriesRequest(Contract):
    """All industries; there is nothing to choose."""


class IndustryRequest(Contract):
    """One industry by its slug, or by its name in any case and white space."""

    industry: Slug


class IndustryCount(Contract):
    name: str
    slug: str
    stories: int


class CompetencyCount(Contract):
    name: str
    stories: int


class IndustryList(Versioned):
    """Industries by number of stories, then name. Narratives are left out, as on every industry page.

    `competencies` are those that the industries' stories name, each with how many of them do, in the same order.
    """

    industries: tuple[IndustryCount, ...]
    competencies: tuple[CompetencyCount, ...] = ()


class ClientCount(Contract):
    """A client and its stories; an aggregate, such as "Multiple Clients", names no client."""

    name: str
    stories: int
    aggregate: bool


class MetricLine(Contract):
    """A story's strongest metric line, with the story it stands in."""

    story_id: StoryId
    title: str
    line: str


class IndustryDetail(Versioned):
    """One industry's figures.

    Clients go by number of stories, then name, aggregates last. `first_year` and `last_year` span the stories' dates,
    None without any. `metrics` adds up each story's distinct metrics; `strongest` holds the best lines, best first.
    """

    name: str
    slug: str
    stories: int
    clients: tuple[ClientCount, ...]
    first_year: int | None
    last_year: int | None
    metrics: int
    strongest: tuple[MetricLine, ...]


class Tier(StrEnum):
    """Core at three stories or more, else specialized."""

    CORE = "Core"
    SPECIALIZED = "Specialized"


class CapabilityGroup(Contract):
    """One capability within an industry; `clients` counts distinct ones, `tags` are its most frequent."""

    name: str
    tier: Tier
    stories: int
    clients: int
    tags: tuple[str, ...]


class IndustryCategories(Versioned):
    """Capabilities by number of stories, then name."""

    name: str
    slug: str
    categories: tuple[CapabilityGroup, ...]
