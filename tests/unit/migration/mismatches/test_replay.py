"""Stored requests become typed ones again, are asked of both sides, and can be typed into a shell."""

import json
import shlex
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from backend_clients.ask.client import AskClient
from backend_clients.ask.remote import RemoteAsk
from backend_clients.bootstrap import endpoint_of
from backend_clients.domains import DOMAINS
from backend_clients.errors import NotFound
from backend_clients.http.session import ApiSession
from backend_clients.industries.client import IndustriesClient
from backend_clients.industries.remote import RemoteIndustries
from backend_clients.migration.mismatches.curl import asked_address, curl_line, key_hint
from backend_clients.migration.mismatches.replay import (
    NotReplayable,
    compare_sides,
    is_redacted,
    operation_of,
    replay,
    request_of,
)
from backend_clients.routing.read_router import Operation
from backend_clients.search.client import SearchClient
from backend_clients.search.remote import RemoteSearch
from backend_clients.stages import Outcome
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.remote import RemoteStories
from contracts.ask import AskRequest
from contracts.conversations import HistoryRequest
from contracts.search import SearchRequest
from contracts.stories import StoryListRequest
from tests.support.builders.mismatches import stored
from tests.support.sides.routed import Answer, FakeLambda, FakeSide

API = "http://127.0.0.1:3000"
ASKED = {"session_id": "s" * 16, "turn_id": "t" * 8, "question": "who?"}
STORED: dict[tuple[str, str], dict[str, Any]] = {
    ("stories", "list"): {"q": "pay", "tags": ["a&b", "ü"], "has_metric": True},
    ("stories", "get"): {"id": "a b/c|ü"},
    ("stories", "batch"): {"ids": ["a b/c|ü", "+,&=", "100%"]},
    ("stories", "related"): {"id": "a", "limit": 7},
    ("search", "semantic"): {"query": 'it\'s $HOME `id` "quoted" \\ ünï'},
    ("search", "keyword"): {"query": "a", "limit": 5},
    ("search", "hybrid"): {"query": "a", "filters": {"clients": ["x"]}},
    ("ask", "generate"): ASKED,
    ("ask", "rerank"): {"question": "who?", "candidates": [{"id": "a", "score": 0.5}]},
    ("ask", "match"): {"description": "Requirements\n- Kafka\n" + "word " * 30},
    ("ask", "history"): {"session_id": "s" * 16, "limit": 3},
    ("industries", "list"): {},
    ("industries", "get"): {"industry": "ünïcode/slug"},
    ("industries", "categories"): {"industry": "banking"},
}
OPERATIONS = sorted(STORED)
HYBRID = endpoint_of("search", "hybrid")


def operations_there_are() -> set[tuple[str, str]]:
    """Every read operation of every client."""
    router: Any = None
    with ApiSession("", "", connect_timeout=1.0, read_timeout=1.0) as session:
        clients = (
            StoriesClient(router, None, RemoteStories(session)),
            SearchClient(router, None, RemoteSearch(session)),
            AskClient(router, router, None, RemoteAsk(session)),
            IndustriesClient(router, None, RemoteIndustries(session)),
        )
    return {(operation.domain, operation.name) for client in clients for operation in client.operations}


def test_every_reading_operation_can_be_replayed_and_typed() -> None:
    assert operations_there_are() == set(STORED)
    assert {domain for domain, _ in STORED} == set(DOMAINS)
    assert all(endpoint_of(*names) for names in STORED)


@pytest.mark.parametrize(("domain", "operation"), OPERATIONS)
def test_a_request_as_it_is_stored_becomes_the_same_request_again(domain: str, operation: str) -> None:
    request = request_of(endpoint_of(domain, operation), STORED[domain, operation])
    assert request_of(endpoint_of(domain, operation), request.model_dump(mode="json", exclude_defaults=True)) == request


@pytest.mark.parametrize(
    ("domain", "operation", "request_", "said"),
    [
        ("search", "hybrid", {}, "search/hybrid: query: Field required"),
        (
            "search",
            "hybrid",
            {"query": "x", "ranker": "fused"},
            "search/hybrid: recorded by another version of the code; the request has no field ranker now",
        ),
        ("search", "hybrid", {"ranker": "fused", "filters": {"colour": "red"}}, "no field filters.colour, ranker now"),
        ("search", "fuzzy", {"query": "x"}, "no operation search/fuzzy"),
        ("weather", "get", {}, "no operation weather/get"),
    ],
)
def test_a_request_that_the_contracts_do_not_know_is_named(
    domain: str, operation: str, request_: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotReplayable, match=said):
        request_of(endpoint_of(domain, operation), request_)


def test_ids_whose_long_numbers_were_redacted_are_ids_again() -> None:
    kept = {"question": "call [number]", "session_id": "session-[number]-abc", "turn_id": "[number]a"}
    request = request_of(endpoint_of("ask", "generate"), kept)
    assert isinstance(request, AskRequest)
    assert (request.question, request.session_id, request.turn_id) == (
        "call [number]",
        "session-0000000-abc",
        "0000000a",
    )
    assert isinstance(request_of(endpoint_of("ask", "history"), {"session_id": "[number]" * 3}), HistoryRequest)


@pytest.mark.parametrize(
    ("kept", "redacted"),
    [
        ({"query": "payments [x]"}, False),
        ({"query": "mail [e-mail] please"}, True),
        ({"filters": {"clients": ["a", "[number]"]}}, True),
        ({"limit": 3, "has_metric": None}, False),
    ],
)
def test_a_redacted_request_is_known_as_one(kept: dict[str, Any], redacted: bool) -> None:
    assert is_redacted(kept) is redacted


@pytest.mark.parametrize(("answer", "outcome"), [("alike", Outcome.MATCH), ("another", Outcome.MISMATCH)])
def test_a_replay_compares_what_both_sides_answer_now(answer: str, outcome: Outcome) -> None:
    legacy, remote = FakeSide(Answer(text="alike")), FakeLambda(Answer(text=answer))
    operation = Operation(HYBRID, legacy, remote, lambda found: {"text": found.text})
    asked: list[str] = []

    def operations(domain: str) -> tuple[Operation[Any, Any], ...]:
        asked.append(domain)
        return (operation,)

    assert replay(operations, stored(request={"query": "now"})).outcome is outcome
    assert asked == ["search"]
    assert legacy.calls == remote.calls == [SearchRequest(query="now")]
    assert remote.shadows == [True]


def test_an_operation_that_is_gone_cannot_be_replayed() -> None:
    with pytest.raises(NotReplayable, match="search has no operation 'fuzzy'"):
        operation_of((), "search", "fuzzy")


def test_without_a_legacy_side_there_is_nothing_to_compare() -> None:
    with pytest.raises(NotReplayable, match="search has no legacy side"):
        compare_sides(Operation(HYBRID, None, FakeLambda(), lambda _: {}), SearchRequest(query="x"))


# As a line for a shell


def words(domain: str, operation: str, kept: dict[str, Any] | None = None) -> list[str]:
    return shlex.split(curl_line(endpoint_of(domain, operation), kept or STORED[domain, operation], API))


@pytest.mark.parametrize(("domain", "operation"), OPERATIONS)
def test_the_line_asks_as_a_shadow_and_leaves_the_key_to_the_shell(domain: str, operation: str) -> None:
    line = curl_line(endpoint_of(domain, operation), STORED[domain, operation], API)
    assert f'-H "X-Api-Key: ${{{domain.upper()}_API_KEY:-$API_KEY}}" ' in f"{line} "
    assert "X-Shadow: 1" in words(domain, operation)
    assert words(domain, operation)[4].startswith(f"{API}/api/{domain}")


def test_a_body_and_a_path_survive_the_shell() -> None:
    query = STORED["search", "semantic"]["query"]
    posted = words("search", "semantic")
    assert posted[3:5] == ["POST", f"{API}/api/search/semantic"]
    assert json.loads(posted[posted.index("--data-raw") + 1])["query"] == query
    assert unquote(words("stories", "get")[4]) == f"{API}/api/stories/a b/c|ü"


def test_a_listing_keeps_every_value_of_its_query() -> None:
    asked = dict[str, Any](STORED["stories", "list"])
    pairs = parse_qsl(urlsplit(words("stories", "list")[4]).query)
    assert pairs == [("tags", "a&b"), ("tags", "ü"), ("has_metric", "true"), ("q", "pay")]
    assert StoryListRequest(**asked).q == "pay"


def test_the_address_is_the_one_that_was_asked() -> None:
    asked = stored(versions={"lambda_address": "https://asked.example/prod"})
    assert asked_address(asked, "https://configured.example") == "https://asked.example/prod"
    assert asked_address(stored(), "https://configured.example") == "https://configured.example"
    assert asked_address(stored(), "") == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("http://127.0.0.1:3000", "export SEARCH_API_KEY=local-key-of-search-api"),
        ("https://asked.example/prod", "export SEARCH_API_KEY=$(aws apigateway get-api-key "),
    ],
)
def test_the_hint_says_how_to_get_the_key(address: str, hint: str) -> None:
    assert hint in key_hint("search", address)
    assert key_hint("search", address).startswith("# ")


def test_a_request_that_the_site_rejects_has_no_curl_line() -> None:
    with pytest.raises(NotFound):
        curl_line(endpoint_of("stories", "get"), {"id": ".."}, API)
    with pytest.raises(NotReplayable):
        curl_line(endpoint_of("stories", "get"), {}, API)
