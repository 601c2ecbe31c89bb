"""The industries API as the site calls it: paths, and handling of responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import responses
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.errors import NotFound, Unavailable
from backend_clients.http.session import ApiSession
from backend_clients.industries.remote import RemoteIndustries
from contracts.industries import IndustriesRequest, IndustryRequest, industry_slug
from contracts.problem import Problem
from tests.support.builders.stories import corpus, story
from tests.support.servers.raw_server import answering, raw_server
from tests.support.sides.lambda_rules import IndustriesSide

URL = "https://industries.example.com/v1"
SIDE = IndustriesSide(corpus(story(industry="Banking", client="Größe", capability="Cloud", result=("4x",))))
BANKING = IndustryRequest(industry="banking")
CALLS: dict[str, tuple[str, Any, Any]] = {
    "list_industries": ("", IndustriesRequest(), SIDE.list_industries(IndustriesRequest())),
    "get_industry": ("/banking", BANKING, SIDE.get_industry(BANKING)),
    "list_categories": ("/banking/categories", BANKING, SIDE.list_categories(BANKING)),
}


@contextmanager
def remote(url: str = URL) -> Iterator[RemoteIndustries]:
    with ApiSession(url, "key", connect_timeout=1.0, read_timeout=2.0) as api:
        yield RemoteIndustries(api)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("shadow", [False, True])
def test_each_operation_has_its_path_and_is_answered_whole(name: str, shadow: bool) -> None:
    path, request, answer = CALLS[name]
    with responses.RequestsMock() as web, remote() as industries:
        web.add(responses.GET, f"{URL}/api/industries{path}", body=answer.model_dump_json())
        assert getattr(industries, name)(request, shadow=shadow).value == answer
        sent = web.calls[0].request
    assert sent.url == f"{URL}/api/industries{path}"
    assert sent.body is None
    assert sent.headers["X-Api-Key"] == "key"
    assert sent.headers.get("X-Shadow") == ("1" if shadow else None)


@pytest.mark.parametrize("name", CALLS)
def test_an_unknown_industry_is_not_found_and_a_failure_is_a_failure(name: str) -> None:
    path, request, _ = CALLS[name]
    unknown = Problem(title="t", status=404, detail="there is no industry", request_id="r").model_dump_json()
    for status, body, error in ((404, unknown, NotFound), (500, "", Unavailable)):
        with responses.RequestsMock() as web, remote() as industries:
            web.add(responses.GET, f"{URL}/api/industries{path}", body=body, status=status)
            with pytest.raises(error):
                getattr(industries, name)(request)


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@given(PLAIN)
@example("a/b")
@example(".")
@example("..")
@example("../industries")
@example("%2F")
@example("?q#x")
@example("日本")
def test_any_name_arrives_as_its_slug(slug: str) -> None:
    body = SIDE.list_categories(BANKING).model_dump_json().encode()
    with raw_server(answering(body)) as server, remote(server.url) as industries:
        industries.list_categories(IndustryRequest(industry=slug))
        path = server.heads[0].split(" ")[1]
    head, _, segment = path.removesuffix("/categories").rpartition("/")
    assert (head, segment) == ("/api/industries", industry_slug(slug))
