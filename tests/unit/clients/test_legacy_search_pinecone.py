"""Pinecone in-process, through the real SDK, against a server that speaks its API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend_clients.corpus.embeddings import normalised
from backend_clients.errors import Unavailable
from backend_clients.search import vector_index as module
from backend_clients.search.vector_index import ExactIndex, PineconeIndex
from tests.support.builders.stories import corpus, story
from tests.support.servers.json_server import Reply
from tests.support.servers.pinecone_server import INDEX, KEY, PineconeServer, matches

STORIES = corpus(*(story(f"s{number:03d}", title=f"title {number}") for number in range(40)))
VECTORS = normalised(np.random.default_rng(7).standard_normal((40, 8)))
VECTORS[[3, 20]] = 0.0


class Rows:
    """Embeds the corpus as `VECTORS`."""

    name = "rows"

    def embed(self, texts: list[str]) -> Any:
        return VECTORS


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PineconeServer]:
    monkeypatch.setattr("pinecone._internal.http_client._retry_sleep", lambda _: None)
    monkeypatch.setattr(module, "_PINECONE_TIMEOUT", 0.3)
    with PineconeServer() as running:
        running.namespaces[STORIES.version] = {
            str(row): {"id": str(row), "values": vector.tolist()} for row, vector in enumerate(VECTORS) if vector.any()
        }
        yield running


def index_at(server: PineconeServer, **given: Any) -> PineconeIndex:
    return PineconeIndex(
        ExactIndex(STORIES, Rows(), Path()), **{"api_key": KEY, "host": server.url, "name": "", **given}
    )


def test_pinecone_finds_what_exact_search_finds(server: PineconeServer, tmp_path: Any) -> None:
    exact = ExactIndex(STORIES, Rows(), tmp_path)
    for row in (0, 7, 39):
        nearest = index_at(server).nearest(VECTORS[row], 10)
        expected = exact.nearest(VECTORS[row], 10)
        assert [name for name, _ in nearest] == [name for name, _ in expected]
        assert [cosine for _, cosine in nearest] == pytest.approx([cosine for _, cosine in expected], abs=1e-6)
    assert server.calls[-1].body["namespace"] == STORIES.version


def test_stories_without_a_vector_have_a_cosine_of_zero(server: PineconeServer) -> None:
    nearest = dict(index_at(server).nearest(VECTORS[0], 100))
    assert set(nearest) == {item.id for item in STORIES.stories}
    assert (nearest["s003"], nearest["s020"]) == (0.0, 0.0)
    ordered = index_at(server).nearest(VECTORS[0], 100)
    assert ordered == sorted(ordered, key=lambda item: (-item[1], item[0]))


def test_a_query_without_a_vector_calls_no_service(server: PineconeServer) -> None:
    assert index_at(server).nearest(np.zeros(8, np.float32), 3) == [("s000", 0.0), ("s001", 0.0), ("s002", 0.0)]
    assert server.calls == []


def test_ties_are_sorted_by_id(server: PineconeServer) -> None:
    for row in (30, 5, 12):
        server.namespaces[STORIES.version][str(row)]["values"] = VECTORS[0].tolist()
    nearest = index_at(server).nearest(VECTORS[0], 4)
    assert [name for name, _ in nearest] == ["s000", "s005", "s012", "s030"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"error": "down"}),
        Reply(429, {"error": {"code": "RESOURCE_EXHAUSTED", "message": "slow down"}}, {"retry-after": "0.01"}),
        Reply(body="<html>"),
        Reply(body="{"),
        Reply(body=[]),
        Reply(body={"matches": None}),
        Reply(body=matches([(0.5, "40")], "")),
        Reply(body=matches([(0.5, "-1")], "")),
        Reply(body=matches([(0.5, "title|client")], "")),
        Reply(body={"matches": [{"id": "1", "score": "high"}]}),
        Reply(body={"matches": [{"id": "1", "score": None}]}),
        Reply(body={"matches": [{"score": 0.5}]}),
    ],
    ids=lambda reply: f"{reply.status}-{str(reply.body)[:40]}",
)
def test_an_invalid_answer_of_the_index_is_unavailable_and_not_empty(server: PineconeServer, reply: Reply) -> None:
    server.misbehaviours = [reply] * 10
    with pytest.raises(Unavailable):
        index_at(server).nearest(VECTORS[0], 10)


def test_a_wrong_key_is_not_disclosed(server: PineconeServer) -> None:
    with pytest.raises(Unavailable) as raised:
        index_at(server, api_key="pc-wrong").nearest(VECTORS[0], 10)
    assert "pc-" not in str(raised.value)


def test_a_hanging_index_is_unavailable(server: PineconeServer) -> None:
    server.hanging = True
    with pytest.raises(Unavailable):
        index_at(server).nearest(VECTORS[0], 10)


def test_a_missing_index_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        PineconeIndex(ExactIndex(STORIES, Rows(), Path()), KEY, "http://127.0.0.1:9", "").nearest(VECTORS[0], 10)


def test_an_index_without_a_host_is_looked_up_by_name(server: PineconeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINECONE_CONTROLLER_HOST", server.url)
    assert index_at(server, host="", name=INDEX).nearest(VECTORS[0], 1)[0][0] == "s000"


def test_a_rejected_query_is_logged_with_its_reason(server: PineconeServer, caplog: pytest.LogCaptureFixture) -> None:
    server.misbehaviours = [Reply(400, {"code": 3, "message": "Vector dimension 8 does not match 12, key pcsk_hidden"})]
    with pytest.raises(Unavailable, match="does not answer as it should"):
        index_at(server).nearest(VECTORS[0], 3)
    assert "400 Vector dimension 8 does not match 12, key [key]" in caplog.text
    assert "hidden" not in caplog.text
