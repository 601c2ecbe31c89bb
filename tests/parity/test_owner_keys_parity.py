"""An owner's keys, end to end: ingested by OpenAI and Pinecone's stand-ins, searched through them on both sides."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from backend_clients.routing.read_router import Operation
from backend_clients.search import vector_index as legacy_index
from contracts.industries import IndustriesRequest
from contracts.search import SearchKind, SearchRequest
from contracts.stories import StoryListRequest
from operations.parity.question_requests import search_requests
from operations.parity.runner import compare_requests
from tests.support.servers.json_server import Reply
from tests.support.servers.openai_server import KEY as OPENAI_KEY
from tests.support.servers.openai_server import OpenAIServer
from tests.support.servers.pinecone_server import KEY as PINECONE_KEY
from tests.support.servers.pinecone_server import PineconeServer
from tests.support.stacks.cloud import KEY, Both, both_sides

BROKEN = Reply(400, {"code": 3, "message": "pc-secret"})  # which the SDK does not try again


@pytest.fixture(scope="module")
def openai() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="module")
def pinecone() -> Iterator[PineconeServer]:
    with PineconeServer() as server:
        yield server


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory, openai: OpenAIServer, pinecone: PineconeServer) -> Iterator[Both]:
    keys = {
        "OPENAI_API_KEY": OPENAI_KEY,
        "OPENAI_BASE_URL": openai.base_url,
        "PINECONE_API_KEY": PINECONE_KEY,
        "PINECONE_INDEX_HOST": pinecone.url,
    }
    with both_sides(tmp_path_factory.mktemp("owned"), variables=keys) as both:
        yield both


def test_both_sides_answer_from_them_alike(owned: Both, openai: OpenAIServer, pinecone: PineconeServer) -> None:
    clients = owned.clients
    assert list(pinecone.namespaces) == [clients.corpus.version]
    assert len(pinecone.namespaces[clients.corpus.version]) == len(clients.corpus.stories)
    embedded, asked = len(openai.calls), pinecone.count("/query")

    items = search_requests(clients.operations("search"), clients.corpus, 0)[::4]
    tally = compare_requests("search", items, lambda: None)

    assert tally.as_json()["matched"] == len(items), tally.first_mismatches
    assert len(openai.calls) > embedded
    assert pinecone.count("/query") > asked


def test_every_domain_serves_the_corpus_that_the_site_has(owned: Both) -> None:
    lists = {"stories": StoryListRequest(), "industries": IndustriesRequest()}
    for domain, request in lists.items():
        operation = next(item for item in owned.clients.operations(domain) if item.name == "list")
        assert operation.remote(request).value.corpus_version == owned.clients.corpus.version


@pytest.mark.parametrize("kind", [SearchKind.SEMANTIC, SearchKind.HYBRID])
def test_with_pinecone_down_both_sides_search_by_words_and_say_so(
    owned: Both, pinecone: PineconeServer, kind: SearchKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legacy_index, "_PINECONE_TIMEOUT", 0.5)
    pinecone.misbehaviours = [BROKEN] * 10
    try:
        assert_degraded_alike(owned, kind, "payments while Pinecone is down")
    finally:
        pinecone.misbehaviours = []
    answer = operation_of(owned, kind).remote(SearchRequest(query="banking transformation")).value
    assert answer.hits
    assert answer.degraded is None


def test_with_openai_down_both_sides_search_by_words_and_say_so(owned: Both, openai: OpenAIServer) -> None:
    openai.misbehaviours = [Reply(400, {"error": {"message": "sk-secret"}})] * 10
    try:
        assert_degraded_alike(owned, SearchKind.HYBRID, "payments while OpenAI is down")
    finally:
        openai.misbehaviours = []


def test_vectors_of_another_length_are_not_searched(owned: Both, openai: OpenAIServer) -> None:
    openai.pad = 4
    try:
        assert_degraded_alike(owned, SearchKind.HYBRID, "payments in longer vectors")
    finally:
        openai.pad = 0


def operation_of(owned: Both, kind: SearchKind) -> Operation[Any, Any]:
    return next(item for item in owned.clients.operations("search") if item.name == kind.value)


def assert_degraded_alike(owned: Both, kind: SearchKind, query: str) -> None:
    """Check that both sides answer the query by words alone, alike, and repeat nothing of the provider."""
    ask_legacy = operation_of(owned, kind).legacy
    assert ask_legacy
    legacy = ask_legacy(SearchRequest(query=query))
    status, body = posted(owned, kind, query)
    assert (status, body["degraded"], legacy.degraded) == (200, "keyword", "keyword")
    assert [hit["card"]["id"] for hit in body["hits"]] == [hit.card.id for hit in legacy.hits] != []
    assert "secret" not in str(body)


def posted(owned: Both, kind: SearchKind, query: str) -> tuple[int, Any]:
    """Status and body of a search as the Lambda side answers it. One that it answered already comes from its cache."""
    body = {"query": query}
    answer = requests.post(f"{owned.cloud.url}/api/search/{kind}", json=body, headers={"X-Api-Key": KEY}, timeout=30)
    return answer.status_code, answer.json()
