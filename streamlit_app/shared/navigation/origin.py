"""The page from which a story was opened, so that one step leads back to it."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streamlit_app.routes import Route
from streamlit_app.shared.story_list import Params, last

_VIA: Final = "via"
_LABELS: Final = {
    Route.HOME: "Back to Home",
    Route.INDUSTRY: "Back to the industry",
    Route.ROLE_MATCH: "Back to the match",
    Route.SHORTLIST: "Back to the shortlist",
}
_CARRIED: Final = {Route.INDUSTRY: ("slug", "clients"), Route.ROLE_MATCH: ("role",)}


class Origin(NamedTuple):
    """A page to go back to."""

    route: Route
    label: str
    params: Params


def via(route: Route, params: Params | None = None) -> Params:
    """What a story's link on a page with these query parameters adds to its own."""
    return {_VIA: route.url_path, **(params or {})}


def read_origin(params: Mapping[str, Sequence[str]]) -> Origin | None:
    """The page that a story's query parameters lead back to; None if it was opened from a list, or by its link."""
    named = last(params, _VIA)
    route = next((route for route in _LABELS if route.url_path == named), None)
    if route is None:
        return None
    carried: Params = {name: list(params[name]) for name in _CARRIED.get(route, ()) if params.get(name)}
    return Origin(route, _LABELS[route], carried)


def origin_params(params: Mapping[str, Sequence[str]]) -> Params:
    """The part of a story's query parameters that leads back."""
    origin = read_origin(params)
    return via(origin.route, origin.params) if origin else {}
