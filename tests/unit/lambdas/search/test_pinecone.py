"""Pinecone through the real SDK, against a server that speaks its API."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from contracts.search import SearchKind, SearchRequest
from contracts.story import Story
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.exact_vectors import ExactIndex
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.ingest.run import IngestError
from lambdas.common.models import pinecone_index as module
from lambdas.common.models.embeddings import unit_rows
from lambdas.common.models.pinecone_index import PineconeIndex, pinecone_index
from lambdas.common.models.pinecone_namespaces import PineconeNamespaces
from lambdas.search.index import SearchIndex
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.service import SearchService
from lambdas.search.store import Corpus
from tests.support.builders.search_corpora import SearchInMemory, StoreInMemory, WordEmbedder, snapshot_of
from tests.support.servers.json_server import Reply
from tests.support.servers.pinecone_server import INDEX, KEY, PineconeServer, matches
from tests.support.stacks.search import FakeSearchStack, new_search_stack

VERSION = "0123456789abcdef"
NO_ROWS = np.empty(0, np.int32)
BUSY = Reply(429, {"error": {"code": "RESOURCE_EXHAUSTED", "message": "slow down"}}, {"retry-after": "0.01"})


@pytest.fixture
def server() -> Iterator[PineconeServer]:
    with PineconeServer() as running:
        yield running


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinecone._internal.http_client._retry_sleep", lambda _: None)
    monkeypatch.setattr(module, "_QUERY_SECONDS", 0.3)


def connect(server: PineconeServer, key: str = KEY) -> Any:
    return lambda: pinecone_index(key, server.url, "")


def namespaces(server: PineconeServer, key: str = KEY) -> PineconeNamespaces:
    return PineconeNamespaces(connect(server, key), sleep=lambda _: None)


def filled(server: PineconeServer, vectors: Any) -> PineconeIndex:
    namespaces(server).fill(VERSION, vectors, [{"id": f"story {n}"} for n in range(len(vectors))], lambda _: None)
    blank = np.flatnonzero(~vectors.any(axis=1)).astype(np.int32)
    return PineconeIndex(connect(server), VERSION, len(vectors), blank)


def some_vectors(count: int, seed: int = 1) -> Any:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 8)))


def test_pinecone_finds_what_exact_search_finds(server: PineconeServer) -> None:
    vectors = some_vectors(350)
    vectors[[3, 200]] = 0
    vectors[40:60] = vectors[7]
    index = filled(server, vectors)
    for query in (vectors[7], vectors[8], -vectors[9], vectors[3]):
        rows, cosines = index.nearest(query, 100)
        expected_rows, expected = ExactIndex(Snapshot({"vectors": vectors}, {})).nearest(query, 100)
        np.testing.assert_allclose(cosines, expected, atol=1e-6)
        np.testing.assert_allclose(np.sort(vectors[rows] @ query), np.sort(vectors[expected_rows] @ query), atol=1e-6)
    assert "filter" not in server.calls[-1].body


def test_upserts_are_sent_in_batches_with_metadata(server: PineconeServer) -> None:
    done: list[int] = []
    vectors = some_vectors(230)
    namespaces(server).fill(VERSION, vectors, [{"id": f"s{n}", "tags": ["a"]} for n in range(230)], done.append)
    assert done == [100, 200, 230]
    assert server.namespaces[VERSION]["229"]["metadata"] == {"id": "s229", "tags": ["a"]}


def test_an_upsert_is_retried_and_waits_until_it_is_counted(server: PineconeServer) -> None:
    looked_at = Reply(body={"namespaces": {}, "dimension": 8, "indexFullness": 0.0, "totalVectorCount": 0})
    server.misbehaviours = [looked_at, BUSY, Reply(503, "busy"), BUSY, BUSY, BUSY]
    server.lag = 3
    filled(server, some_vectors(5))
    assert server.count("/describe_index_stats") == 5


def test_batches_are_bounded_by_bytes(server: PineconeServer) -> None:
    vectors = some_vectors(120)
    metadata = [{"id": f"s{n}", "tags": ["\u4e2d" * 500] * 12} for n in range(120)]  # 38 kB of JSON each, escaped
    done: list[int] = []
    namespaces(server).fill(VERSION, vectors, metadata, done.append)
    sizes = [int(call.headers["content-length"]) for call in server.calls if call.path.startswith("/vectors/upsert")]
    assert done[-1] == len(server.namespaces[VERSION]) == 120
    assert len(sizes) > 2
    assert max(sizes) < 1_900_000


def test_metadata_that_is_too_long_is_shortened(server: PineconeServer) -> None:
    long = [
        {"id": "s0", "tags": [f"tag {n}" for n in range(20_000)], "narrative": False},
        {"id": "s1", "clients": "x" * 60_000, "tags": ["a", "\U0001f600" * 20_000, "b"]},
        {"id": "s2", "tags": []},
    ]
    namespaces(server).fill(VERSION, some_vectors(3), long, lambda _: None)
    held = [server.namespaces[VERSION][str(row)]["metadata"] for row in range(3)]
    assert held[0].keys() == long[0].keys()
    assert (held[0]["id"], held[0]["narrative"], held[0]["tags"][:2]) == ("s0", False, ["tag 0", "tag 1"])
    assert len(held[0]["tags"]) > 2_000
    assert held[1:] == [{"id": "s1", "tags": ["a"]}, {"id": "s2", "tags": []}]


def test_the_reason_of_a_rejection_is_reported(server: PineconeServer) -> None:
    counted = Reply(body={"namespaces": {}, "dimension": 8, "indexFullness": 0.0, "totalVectorCount": 0})
    server.misbehaviours = [counted, Reply(400, {"code": 3, "message": "Vector ID\nis too long."})]
    with pytest.raises(DependencyDown, match=r"Pinecone refuses this: .*Vector ID is too long\.$"):
        filled(server, some_vectors(2))
    assert server.count("/vectors/upsert") == 1


def test_a_rejected_query_is_logged_with_its_reason(server: PineconeServer, caplog: pytest.LogCaptureFixture) -> None:
    index = filled(server, some_vectors(5))
    server.misbehaviours = [Reply(400, {"code": 3, "message": "Vector dimension 8 does not match 12, key pcsk_hidden"})]
    with pytest.raises(DependencyDown, match="does not answer"):
        index.nearest(some_vectors(1)[0], 5)
    assert vars(caplog.records[-1])["reason"].endswith("does not match 12, key [key]")


def test_an_index_of_other_dimensions_is_rejected_before_anything_is_upserted(server: PineconeServer) -> None:
    vectors = unit_rows(np.random.default_rng(1).standard_normal((5, 12)))
    with pytest.raises(DependencyDown, match="takes vectors of 8 numbers, and the model in use makes 12"):
        namespaces(server).fill(VERSION, vectors, [{}] * 5, lambda _: None)
    assert server.count("/vectors/upsert") == 0


def test_an_index_is_looked_up_by_name(server: PineconeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINECONE_CONTROLLER_HOST", server.url)
    assert pinecone_index(KEY, "", INDEX).describe_index_stats().total_vector_count == 0


@pytest.mark.parametrize(
    "misbehaviour",
    [
        BUSY,
        Reply(500, "pc-secret"),
        Reply(200, "<html>"),
        Reply(200, {"matches": "none"}),
        Reply(200, matches([(0.5, "not a number")], VERSION)),
        Reply(200, matches([(0.5, "5")], VERSION)),
        Reply(200, matches([(0.5, "-1")], VERSION)),
        Reply(200, matches([(0.5, "1"), (0.4, "1")], VERSION)),
        Reply(200, matches([(0.5, "9" * 40)], VERSION)),
        Reply(200, '{"matches": [{"id": "1", "score": "high"}]}'),
        Reply(200, matches([], VERSION)),
        Reply(200, matches([(0.5, "1")], VERSION)),
    ],
    ids=str,
)
def test_a_fault_is_unavailable_and_never_an_empty_result(server: PineconeServer, misbehaviour: Reply) -> None:
    index = filled(server, some_vectors(5))
    server.misbehaviours = [misbehaviour] * 10
    with pytest.raises(DependencyDown) as raised:
        index.nearest(some_vectors(1)[0], 100)
    assert "secret" not in raised.value.detail


def test_a_rejected_key_is_named_as_the_cause(server: PineconeServer) -> None:
    index = PineconeIndex(connect(server, "pc-wrong"), VERSION, 5, NO_ROWS)
    with pytest.raises(DependencyDown, match="refuses this site's key"):
        index.nearest(some_vectors(1)[0], 5)
    with pytest.raises(DependencyDown, match="refuses this site's key"):
        namespaces(server, "pc-wrong").count(VERSION)


def test_a_hanging_service_times_out(server: PineconeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DEADLINE_SECONDS", 0.5)
    index = filled(server, some_vectors(5))
    server.hanging = True
    with pytest.raises(DependencyDown, match="does not answer"):
        index.nearest(some_vectors(1)[0], 5)


def test_an_emptied_namespace_is_an_error_that_names_the_ingest(server: PineconeServer) -> None:
    index = filled(server, some_vectors(5))
    server.namespaces.clear()
    with pytest.raises(DependencyDown, match="does not hold the whole corpus"):
        index.nearest(some_vectors(1)[0], 5)


# The whole way


STORIES = tuple(Story(id=f"s{n:03d}", title=f"payments {n}", tags=("Cloud",)) for n in range(130))


@pytest.fixture
def stack() -> FakeSearchStack:
    return new_search_stack()


def test_answers_equal_those_of_the_exact_index(server: PineconeServer) -> None:
    snapshot = snapshot_of(STORIES)
    namespaces(server).fill(VERSION, snapshot.array("vectors"), [{}] * len(STORIES), lambda _: None)
    index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
    corpus = Corpus(index, PineconeIndex(connect(server), VERSION, index.size, index.blank), Ranking(index, exact))
    store: Any = StoreInMemory(corpus)
    service = SearchService(store, WordEmbedder(), "test")
    plain = SearchInMemory(STORIES)
    for kind in SearchKind:
        found = plain.search(kind, "payments 17", limit=100)
        again = type(found).model_validate_json(service.search(kind, SearchRequest(query="payments 17", limit=100)))
        assert [hit.score for hit in again.hits] == pytest.approx([hit.score for hit in found.hits], abs=1e-6)
        assert again.total == found.total


def test_an_ingest_fills_its_namespace_before_the_switch(server: PineconeServer, stack: FakeSearchStack) -> None:
    report = stack.ingest(*STORIES, namespaces=namespaces(server))
    assert report.vectors_upserted == 130
    metadata = server.namespaces[report.corpus_version]["7"]["metadata"]
    assert (metadata["id"], metadata["tags"], metadata["narrative"]) == ("s007", ["cloud"], False)

    again = stack.ingest(*STORIES, namespaces=namespaces(server))
    assert (again.vectors_upserted, again.switched) == (0, False)


def test_a_lost_namespace_is_refilled_without_embedding(server: PineconeServer, stack: FakeSearchStack) -> None:
    stack.ingest(*STORIES, namespaces=namespaces(server))
    server.namespaces.clear()
    embedder = WordEmbedder()
    again = stack.ingest(*STORIES, namespaces=namespaces(server), embedder=embedder)
    assert (again.vectors_upserted, again.switched, embedder.embedded) == (130, False, [])


def test_the_old_corpus_stays_while_pinecone_is_down(server: PineconeServer, stack: FakeSearchStack) -> None:
    old = stack.ingest(STORIES[0], namespaces=namespaces(server))
    server.misbehaviours = [Reply(500, "down")] * 100
    with pytest.raises(IngestError, match=r"Pinecone: The vector index does not answer.*The upsert and the switch"):
        stack.ingest(*STORIES, namespaces=namespaces(server))
    assert stack.served() == old.corpus_version


def test_old_namespaces_are_deleted_and_foreign_ones_stay(server: PineconeServer, stack: FakeSearchStack) -> None:
    server.namespaces["notes of someone else"]["1"] = {"id": "1", "values": [1.0] * 8}
    versions = [stack.ingest(*STORIES[:count], namespaces=namespaces(server)).corpus_version for count in (1, 2, 3)]
    assert set(server.namespaces) == {"notes of someone else", *versions[1:]}
