"""OpenAI's embeddings through the real SDK, against a server that speaks its API."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from contracts.rules.long_texts import PIECE
from contracts.story import Story
from lambdas.common.http.problems import DependencyDown
from lambdas.common.ingest.run import IngestError
from lambdas.common.models.embeddings import EmbedderMismatch, embed_query
from lambdas.common.models.openai_embeddings import NAME, OpenAIEmbedder, Patience
from tests.support.builders.search_corpora import DIMENSIONS, WordEmbedder
from tests.support.servers.json_server import Reply
from tests.support.servers.openai_server import KEY, OpenAIServer, embedding_list
from tests.support.stacks.search import new_search_stack

HASTY = Patience(timeout=0.3, retries=0, deadline=1.0)
SLOW_DOWN = Reply(429, {"error": {"message": "slow down"}}, {"retry-after": "0.01"})


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def embedder(server: OpenAIServer, key: str = KEY, patience: Patience = HASTY) -> OpenAIEmbedder:
    return OpenAIEmbedder(key, server.base_url, patience)


def test_vectors_are_in_the_order_of_the_texts(server: OpenAIServer) -> None:
    texts = [f"story number {n}" for n in range(150)]
    vectors = embedder(server).embed(texts)
    np.testing.assert_allclose(vectors, WordEmbedder().embed(texts), atol=1e-6)
    assert [len(call.body["input"]) for call in server.calls] == [64, 64, 22]


def test_blank_texts_are_not_sent_and_have_zero_vectors(server: OpenAIServer) -> None:
    vectors = embedder(server).embed(["", "payments", " \n"])
    assert server.texts() == ["payments"]
    assert vectors.any(axis=1).tolist() == [False, True, False]
    assert embedder(server).embed(["", ""]).shape == (2, 0)


def test_batches_are_bounded(server: OpenAIServer) -> None:
    embedder(server).embed(["x" * 100_000, "y" * 300_000])
    sizes = [[len(text) for text in call.body["input"]] for call in server.calls]
    assert [len(batch) for batch in sizes] == [32, 19]
    assert sum(map(sum, sizes)) == 400_000
    assert max(map(max, sizes)) == PIECE


def test_a_throttled_call_is_retried(server: OpenAIServer) -> None:
    server.misbehaviours = [SLOW_DOWN, Reply(500, {"error": {"message": "oops"}}, {"retry-after": "0.01"})]
    patient = embedder(server, patience=Patience(timeout=1.0, retries=2, deadline=5.0))
    assert patient.embed(["payments"]).any()
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    ("misbehaviour", "said"),
    [
        (SLOW_DOWN, "does not answer"),
        (Reply(500, {"error": {"message": "sk-secret"}}), "does not answer"),
        (Reply(403, {"error": {"message": "sk-secret"}}), "refuses this site's key"),
        (Reply(200, "<html>"), "cannot be used|does not answer"),
        (Reply(200, {"object": "list"}), "cannot be used|does not answer"),
        (Reply(200, embedding_list([])), "cannot be used|does not answer"),
        (Reply(200, embedding_list([{"index": 1, "embedding": [1.0]}])), "cannot be used"),
        (Reply(200, embedding_list([{"index": 0, "embedding": ["a"]}])), "cannot be used"),
        (Reply(200, embedding_list([{"index": 0, "embedding": []}])), "cannot be used"),
        (Reply(200, '{"data": [{"index": 0, "embedding": [NaN]}]}'), "cannot be used|does not answer"),
    ],
    ids=str,
)
def test_a_fault_is_unavailable_and_discloses_no_secret(server: OpenAIServer, misbehaviour: Reply, said: str) -> None:
    server.misbehaviours = [misbehaviour]
    with pytest.raises(DependencyDown, match=said) as raised:
        embedder(server).embed(["payments"])
    assert "secret" not in raised.value.detail


def test_a_rejected_key_is_named_as_the_cause(server: OpenAIServer) -> None:
    with pytest.raises(DependencyDown, match="refuses this site's key"):
        embedder(server, key="sk-wrong").embed(["payments"])


def test_a_hanging_service_times_out(server: OpenAIServer) -> None:
    server.hanging = True
    with pytest.raises(DependencyDown, match="does not answer"):
        embedder(server).embed(["payments"])


def test_a_long_retry_after_is_not_waited_for(server: OpenAIServer) -> None:
    server.misbehaviours = [Reply(429, {"error": {"message": "later"}}, {"retry-after": "50"})]
    with pytest.raises(DependencyDown, match="does not answer"):
        embedder(server, patience=Patience(timeout=1.0, retries=1, deadline=0.3)).embed(["payments"])


def test_an_unreachable_service_is_unavailable() -> None:
    with pytest.raises(DependencyDown):
        OpenAIEmbedder(KEY, "http://127.0.0.1:9/v1", HASTY).embed(["payments"])


def test_a_mismatch_of_models_or_dimensions_names_both(server: OpenAIServer) -> None:
    with pytest.raises(EmbedderMismatch, match=r"wordllama-256 \(256 numbers.*openai:text-embedding-3-small"):
        embed_query("payments", embedder(server), "wordllama-256", 256)
    assert not server.calls
    with pytest.raises(EmbedderMismatch, match=r"\(1536 numbers a vector\).*\(8 numbers\): ingest the corpus again"):
        embed_query("payments", embedder(server), NAME, 1536)
    assert len(embed_query("payments", embedder(server), NAME, DIMENSIONS)) == DIMENSIONS


def test_vectors_of_different_lengths_stop_an_ingest(server: OpenAIServer) -> None:
    class Moody(OpenAIEmbedder):
        def embed(self, texts: Any) -> Any:
            server.pad += 1
            return super().embed(texts)

    stories = [Story(id=f"s{n:04d}", title="payments") for n in range(300)]
    with pytest.raises(IngestError, match="different lengths"):
        new_search_stack().ingest(*stories, embedder=Moody(KEY, server.base_url, HASTY))


def test_stories_with_and_without_texts_are_ingested(server: OpenAIServer) -> None:
    blank = [Story(id=f"blank{n:03d}") for n in range(256)]
    report = new_search_stack().ingest(*blank, Story(id="told", title="payments"), embedder=embedder(server))
    assert report.switched
    assert json.loads(json.dumps(server.texts())) == ["payments"]
