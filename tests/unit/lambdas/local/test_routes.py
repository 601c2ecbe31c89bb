"""Finding routes, and the identifiers in them, which a REST API hands over as they stand in the URL."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.local.gateway.routes import RouteConflict, RouteTable
from lambdas.local.stack.triggers import Api, Route


def route(method: str, path: str, function: str = "f") -> Route:
    return Route(method, path, function, Api("api", "v1"))


TABLE = RouteTable(
    [
        route("GET", "/"),
        route("GET", "/items/{id}", "by-id"),
        route("GET", "/items/fixed", "fixed"),
        route("GET", "/items/{key}/related", "related"),
        route("ANY", "/files/{proxy+}", "files"),
        route("GET", "/files/index", "index"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/", "f", None),
        ("GET", "/items/7", "by-id", {"id": "7"}),
        ("GET", "/items/fixed", "fixed", None),
        ("GET", "/items/fixed/related", "related", {"key": "fixed"}),
        ("GET", "/items/a%2Fb%7Cc%20%C3%A9", "by-id", {"id": "a%2Fb%7Cc%20%C3%A9"}),
        ("GET", "/items/100%2525", "by-id", {"id": "100%2525"}),
        ("GET", "/items/a+b", "by-id", {"id": "a+b"}),
        ("PUT", "/files/a/b%2Fc", "files", {"proxy": "a/b%2Fc"}),
        ("PUT", "/files/a/", "files", {"proxy": "a"}),
        ("GET", "/files/index", "index", None),
        ("PUT", "/files/index", "files", {"proxy": "index"}),
    ],
)
def test_the_most_specific_route_answers(
    method: str, path: str, function: str, parameters: dict[str, str] | None
) -> None:
    found = TABLE.find(method, path)

    assert found is not None
    assert (found[0].function, found[1]) == (function, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/items/7"), ("GET", "/items"), ("GET", "/items/"), ("GET", "/nope"), ("GET", "/files/"), ("GET", "x")],
)
def test_what_no_route_matches_is_not_found(method: str, path: str) -> None:
    assert TABLE.find(method, path) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_identifier_is_handed_over_as_it_was_sent(identifier: str) -> None:
    sent = quote(identifier, safe="")
    found = TABLE.find("GET", f"/items/{sent}/related")

    assert found is not None
    assert found[1] == {"key": sent}


def test_two_functions_cannot_claim_one_route() -> None:
    with pytest.raises(RouteConflict, match=r"GET /a/\{y\} is claimed by one and two"):
        RouteTable([route("GET", "/a/{x}", "one"), route("GET", "/a/{y}", "two")])
