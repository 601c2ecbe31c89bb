"""The figures and starter cards of the home page, computed from one list of the corpus."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.industries import AGGREGATE_CLIENTS, industry_slug
from contracts.stories import MAX_FACET_VALUES, FacetCount, StoryList
from streamlit_app.routes import Route
from streamlit_app.shared.story_list import Params, StoryListState, is_filterable
from streamlit_app.shared.wording import count_stories, whole_years


@dataclass(frozen=True)
class Starter:
    """A card that links to stories."""

    kind: str
    icon: str
    title: str
    text: str
    way: str
    route: Route
    params: Params


def figures(stories: StoryList) -> tuple[tuple[str, str], ...]:
    """The corpus's figures as label and value; years only if stories have dates."""
    years = whole_years(stories.first_start, stories.last_end)
    clients = _named_clients(stories.facets.get("clients", ()))
    counted = (
        ("Years", str(years) if years else ""),
        ("Projects", f"{stories.total:,}"),
        ("Clients", _counted(clients)),
        ("Industries", _counted(stories.facets.get("industries", ()))),
    )
    return tuple((label, value) for label, value in counted if value)


def starters(stories: StoryList) -> tuple[Starter, ...]:
    """Cards of the two largest industries, the three largest capabilities, and the Ask page."""
    return (
        *(_industry(facet) for facet in _top(stories, "industries", 2)),
        *(_capability(facet) for facet in _top(stories, "capabilities", 3)),
        Starter(
            kind="Question",
            icon=":material/chat:",
            title="Looking for something else?",
            text=count_stories(stories.total),
            way="Ask",
            route=Route.ASK,
            params={},
        ),
    )


def _industry(facet: FacetCount) -> Starter:
    return Starter(
        kind="Industry",
        icon=":material/domain:",
        title=facet.value,
        text=count_stories(facet.count),
        way="See the industry",
        route=Route.INDUSTRY,
        params={"slug": industry_slug(facet.value)},
    )


def _capability(facet: FacetCount) -> Starter:
    return Starter(
        kind="Capability",
        icon=":material/build:",
        title=facet.value,
        text=count_stories(facet.count),
        way="Explore",
        route=Route.EXPLORE,
        params=StoryListState().with_filters(capabilities=(facet.value,)).params(),
    )


def _top(stories: StoryList, field: str, count: int) -> Sequence[FacetCount]:
    return [facet for facet in stories.facets.get(field, ()) if is_filterable(facet.value)][:count]


def _named_clients(facets: Sequence[FacetCount]) -> list[FacetCount]:
    """Remove names that mean several clients or none."""
    return [facet for facet in facets if facet.value.casefold() not in AGGREGATE_CLIENTS]


def _counted(facets: Sequence[FacetCount]) -> str:
    """The number of facet values; a list has at most 200."""
    return f"{MAX_FACET_VALUES}+" if len(facets) >= MAX_FACET_VALUES else str(len(facets) or "")
