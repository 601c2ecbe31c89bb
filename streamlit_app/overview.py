"""What the home page says about the corpus, computed from one list of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.industries import AGGREGATE_CLIENTS
from contracts.stories import MAX_FACET_VALUES, FacetCount, StoryList
from streamlit_app.components.dates import whole_years
from streamlit_app.listing import MAX_QUERY, Listing, Params, is_filterable

_SHORTEST: Final = 3


@dataclass(frozen=True)
class Starter:
    """A card that leads into the stories."""

    kind: str
    icon: str
    title: str
    text: str
    params: Params


@dataclass(frozen=True)
class Question:
    """A question, and the search that answers it."""

    text: str
    query: str


def figures(stories: StoryList) -> tuple[tuple[str, str], ...]:
    """Label and value of the corpus's figures; years only where stories are dated."""
    years = whole_years(stories.first_start, stories.last_end)
    clients = _named_clients(stories.facets.get("clients", ()))
    counted = (
        ("Years", str(years) if years else ""),
        ("Projects", str(stories.total)),
        ("Clients", _counted(clients)),
        ("Industries", _counted(stories.facets.get("industries", ()))),
    )
    return tuple((label, value) for label, value in counted if value)


def starters(stories: StoryList) -> tuple[Starter, ...]:
    """The two largest industries, the three largest capabilities, and a way to ask."""
    return (
        *(_filtered("Industry", ":material/domain:", "industries", facet) for facet in _top(stories, "industries", 2)),
        *(
            _filtered("Capability", ":material/build:", "capabilities", facet)
            for facet in _top(stories, "capabilities", 3)
        ),
        Starter(
            kind="Question",
            icon=":material/chat:",
            title="Looking for something else?",
            text=_stories(stories.total),
            params={},
        ),
    )


def questions(stories: StoryList, name: str) -> tuple[Question, ...]:
    """Up to three questions about what the corpus holds most of; each search finds at least one story."""
    asked = (
        ("What has {name} done around {value}?", _top(stories, "tags", 10)),
        ("How did {name} help {value}?", _named_clients(_top(stories, "clients", 10))),
        ("What did {name} do as {value}?", _top(stories, "roles", 10)),
    )
    return tuple(
        Question(text.format(name=name, value=facet.value), facet.value)
        for text, facets in asked
        for facet in [facet for facet in facets if _SHORTEST <= len(facet.value) <= MAX_QUERY][:1]
    )


def _filtered(kind: str, icon: str, field: str, facet: FacetCount) -> Starter:
    params = Listing().with_filters(**{field: (facet.value,)}).params()
    return Starter(kind, icon, facet.value, _stories(facet.count), params)


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"


def _top(stories: StoryList, field: str, count: int) -> Sequence[FacetCount]:
    return [facet for facet in stories.facets.get(field, ()) if is_filterable(facet.value)][:count]


def _named_clients(facets: Sequence[FacetCount]) -> list[FacetCount]:
    """Clients without names that stand for several or for none."""
    return [facet for facet in facets if facet.value.casefold() not in AGGREGATE_CLIENTS]


def _counted(facets: Sequence[FacetCount]) -> str:
    """How many, as far as a list tells: it names at most 200."""
    return f"{MAX_FACET_VALUES}+" if len(facets) >= MAX_FACET_VALUES else str(len(facets) or "")
