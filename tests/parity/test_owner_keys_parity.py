"""An owner's keys, end to end: ingested by OpenAI and Pinecone's stand-ins, searched through them on both sides."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from backend_clients.errors import Unavailable
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
def test_with_pinecone_down_neither_side_says_that_there_is_nothing(
    owned: Both, pinecone: PineconeServer, kind: SearchKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(legacy_index, "_PINECONE_TIMEOUT", 0.5)
    operation = next(item for item in owned.clients.operations("search") if item.name == kind.value)
    pinecone.misbehaviours = [BROKEN] * 10
    try:
        with pytest.raises(Unavailable, match="vector index does not answer") as raised:
            operation.legacy(SearchRequest(query="banking transformation"))
        assert "secret" not in str(raised.value)
        status, problem = posted(owned, kind, "payments while Pinecone is down")
    finally:
        pinecone.misbehaviours = []
    assert (status, problem["detail"]) == (503, "The vector index does not answer; try again in a moment.")
    assert operation.remote(SearchRequest(query="banking transformation")).value.hits


def test_with_openai_down_neither_side_says_that_there_is_nothing(owned: Both, openai: OpenAIServer) -> None:
    operation = next(item for item in owned.clients.operations("search") if item.name == "hybrid")
    openai.misbehaviours = [Reply(400, {"error": {"message": "sk-secret"}})] * 10
    try:
        with pytest.raises(Unavailable, match="service that embeds texts does not answer") as raised:
            operation.legacy(SearchRequest(query="banking transformation"))
        assert "secret" not in str(raised.value)
        status, problem = posted(owned, SearchKind.HYBRID, "payments while OpenAI is down")
    finally:
        openai.misbehaviours = []
    assert (status, problem["detail"]) == (503, "The service that embeds texts does not answer; try again in a moment.")


def test_vectors_of_another_length_name_both_models_and_the_way_out(owned: Both, openai: OpenAIServer) -> None:
    openai.pad = 4
    try:
        status, problem = posted(owned, SearchKind.HYBRID, "payments in longer vectors")
    finally:
        openai.pad = 0
    name = r"openai:text-embedding-3-small"
    assert status == 503
    assert re.search(rf"{name} \(8 numbers.*{name} \(12 numbers\): ingest the corpus again", problem["detail"])


def posted(owned: Both, kind: SearchKind, query: str) -> tuple[int, Any]:
    """Status and body of a search as the Lambda side answers it. One that it answered already comes from its cache."""
    body = {"query": query}
    answer = requests.post(f"{owned.cloud.url}/api/search/{kind}", json=body, headers={"X-Api-Key": KEY}, timeout=30)
    return answer.status_code, answer.json()
