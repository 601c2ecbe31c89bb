"""The list of stories that the URL describes: search, filters, order, view and page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from contracts.rules.folding import fold_key
from contracts.stories import (
    MAX_FILTER_VALUES,
    MAX_OFFSET,
    FacetCount,
    FilterValue,
    Sort,
    StoryCard,
    StoryFilters,
    StoryListRequest,
)
from streamlit_app.shared.story_slug import story_slug

FILTER_LABELS: Final = {
    "industries": "Industry",
    "capabilities": "Capability",
    "eras": "Era",
    "clients": "Client",
    "employers": "Employer",
    "roles": "Role",
    "domains": "Domain",
    "tags": "Tag",
}
MAX_QUERY: Final = 200
Params = dict[str, str | list[str]]
Member = TypeVar("Member", bound=StrEnum)

_FILTER_VALUE: Final[TypeAdapter[str]] = TypeAdapter(FilterValue)


class View(StrEnum):
    """How a list is shown."""

    CARDS = "cards"
    TABLE = "table"
    TIMELINE = "timeline"


PAGE_SIZES: Final = {View.CARDS: 9, View.TABLE: 20, View.TIMELINE: 6}


@dataclass(frozen=True)
class StoryListState:
    """One state of the list. Pages count from 1."""

    filters: StoryFilters = field(default_factory=StoryFilters)
    sort: Sort = Sort.NEWEST
    view: View = View.CARDS
    page: int = 1

    @property
    def page_size(self) -> int:
        return PAGE_SIZES[self.view]

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size

    def chosen(self) -> tuple[tuple[str, str], ...]:
        """Every active filter value with its field."""
        return tuple((name, value) for name in FILTER_LABELS for value in getattr(self.filters, name))

    def with_filters(self, **changes: Any) -> "StoryListState":
        """The first page of the same list with other filters. Values must be valid in the contract."""
        filters = StoryFilters.model_validate({**self.filters.model_dump(), **changes})
        return StoryListState(filters=filters, sort=self.sort, view=self.view)

    def spelled_as(self, facets: Mapping[str, Iterable[FacetCount]]) -> "StoryListState":
        """The same list, with each filter's values as the stories spell them where its facet holds them."""
        spelled: dict[str, Any] = {}
        for name in FILTER_LABELS:
            shown = {fold_key(facet.value): facet.value for facet in facets.get(name, ()) if is_filterable(facet.value)}
            chosen = {fold_key(value): value for value in getattr(self.filters, name)}
            spelled[name] = tuple(shown.get(key, value) for key, value in chosen.items())
        filters = StoryFilters.model_validate({**self.filters.model_dump(), **spelled})
        return replace(self, filters=filters)

    def request(self, *, limit: int, offset: int, era: str = "") -> StoryListRequest:
        """Build the request for a part of this list; with `era`, of that era alone, newest first."""
        fields = self.filters.model_dump()
        if era:
            return StoryListRequest(**{**fields, "eras": (era,)}, sort=Sort.NEWEST, limit=limit, offset=offset)
        return StoryListRequest(**fields, sort=self.sort, limit=limit, offset=offset)

    def params(self) -> Params:
        """The list's query parameters, without defaults."""
        params: Params = {"q": self.filters.q} if self.filters.q else {}
        params |= {name: list(values) for name in FILTER_LABELS if (values := getattr(self.filters, name))}
        if self.view is not View.CARDS:
            params["view"] = self.view.value
        if self.sort is not Sort.NEWEST:
            params["sort"] = self.sort.value
        if self.page > 1:
            params["page"] = str(self.page)
        return params


def read_listing(params: Mapping[str, Sequence[str]]) -> tuple[StoryListState, tuple[str, ...]]:
    """Parse query parameters; returns the list and the names of invalid parameters, which are ignored."""
    ignored: list[str] = []
    fields: dict[str, Any] = {}
    for name in FILTER_LABELS:
        fields[name], all_used = _usable_values(params.get(name, ()))
        if not all_used:
            ignored.append(name)
    query = last(params, "q")
    try:
        filters = StoryFilters(q=query, **fields)
    except ValidationError:
        ignored.append("q")
        filters = StoryFilters(**fields)
    view = _member(params, "view", View.CARDS, ignored)
    sort = _member(params, "sort", Sort.NEWEST, ignored)
    page = read_number(last(params, "page"), highest=MAX_OFFSET // PAGE_SIZES[view])
    if page is None and last(params, "page"):
        ignored.append("page")
    return StoryListState(filters, sort, view, page or 1), tuple(ignored)


@dataclass(frozen=True)
class ListPosition:
    """A story's position in a list, from 1; with `group`, its position in that era."""

    position: int
    group: str = ""


def story_params(listing: StoryListState, story_id: str, place: ListPosition | None = None) -> Params:
    """Query parameters of a story's page: the story, its list and its position there."""
    params: Params = {"id": story_slug(story_id), **listing.params()}
    if place:
        params["pos"] = str(place.position)
    if place and place.group:
        params["group"] = place.group
    return params


def ways_of(listing: StoryListState, cards: Iterable[StoryCard], first: int) -> list[Params]:
    """Query parameters of the pages of a part of a list; its first story's position is `first`, from 1."""
    return [story_params(listing, card.id, ListPosition(number)) for number, card in enumerate(cards, start=first)]


def read_place(params: Mapping[str, Sequence[str]]) -> ListPosition | None:
    """Parse the position in the list; None if it is missing or invalid."""
    position = read_number(last(params, "pos"), highest=MAX_OFFSET)
    group = last(params, "group")
    if position is None or (group and not is_filterable(group)):
        return None
    return ListPosition(position, group)


def clean_query(text: str) -> str:
    """Normalise typed text for the contract: one line, no control characters, cut after a word if too long."""
    line = "".join(char for char in " ".join(text.split()) if char.isprintable()).strip()
    if len(line) <= MAX_QUERY:
        return line
    return line[: MAX_QUERY + 1].rpartition(" ")[0] or line[:MAX_QUERY]


def read_number(text: str, highest: int) -> int | None:
    """Parse an integer from 1 to `highest`; None if it is invalid."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(highest))):
        return None
    return number if 1 <= (number := int(text)) <= highest else None


def is_filterable(value: str) -> bool:
    """Whether the contract accepts a value as a filter; a corpus can contain others."""
    try:
        _FILTER_VALUE.validate_python(value)
    except ValidationError:
        return False
    return True


def _usable_values(values: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    given = tuple(dict.fromkeys(value for value in values if fold_key(value)))
    usable = tuple(value for value in given if is_filterable(value))[:MAX_FILTER_VALUES]
    return usable, len(usable) == len(given)


def last(params: Mapping[str, Sequence[str]], name: str) -> str:
    """A parameter's last value, or ""."""
    values = params.get(name, ())
    return values[-1].strip() if values else ""


def _member(params: Mapping[str, Sequence[str]], name: str, default: Member, ignored: list[str]) -> Member:
    text = last(params, name)
    try:
        return type(default)(text) if text else default
    except ValueError:
        ignored.append(name)
        return default
