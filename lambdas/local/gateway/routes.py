"""Finds the route of a method and path, as API Gateway's REST APIs do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from lambdas.local.stack.triggers import Route

ANY = "ANY"


class RouteConflict(Exception):
    """Two functions claim the same method and path."""


@dataclass
class _Node:
    fixed: dict[str, "_Node"] = field(default_factory=dict)
    variable: "_Node | None" = None
    greedy: "_Node | None" = None
    routes: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """A tree of path segments: fixed text takes precedence over `{name}`, and `{name}` over `{name+}`."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str] | None] | None:
        """The route of a raw path, and its parameters as they stand in it: a REST API does not decode them."""
        segments = path.split("/")[1:]
        route = _search(self._root, segments, method)
        return (route, _parameters(route, segments)) if route else None

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.split("/")[1:]:
            node = _child(node, segment)
        method = ANY if route.method in (ANY, "X-AMAZON-APIGATEWAY-ANY-METHOD") else route.method
        if other := node.routes.get(method):
            raise RouteConflict(f"{method} {route.path} is claimed by {other.function} and {route.function}")
        node.routes[method] = route


def _child(node: _Node, segment: str) -> _Node:
    if segment.endswith("+}"):
        node.greedy = node.greedy or _Node()
        return node.greedy
    if segment.startswith("{"):
        node.variable = node.variable or _Node()
        return node.variable
    return node.fixed.setdefault(segment, _Node())


def _search(node: _Node, segments: list[str], method: str) -> Route | None:
    if not segments:
        return node.routes.get(method) or node.routes.get(ANY)
    head, rest = segments[0], segments[1:]
    fixed = node.fixed.get(unquote(head))
    if fixed and (route := _search(fixed, rest, method)):
        return route
    if node.variable and head and (route := _search(node.variable, rest, method)):
        return route
    return _search(node.greedy, [], method) if node.greedy and segments != [""] else None


def _parameters(route: Route, segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, name in enumerate(route.path.split("/")[1:]):
        if name.endswith("+}"):
            parameters[name[1:-2]] = "/".join(segments[index:]).removesuffix("/")
        elif name.startswith("{"):
            parameters[name[1:-1]] = segments[index]
    return parameters or None
