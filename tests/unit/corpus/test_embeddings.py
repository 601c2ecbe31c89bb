"""Embeddings: vectors of texts, and the corpus's vectors stored on disk by version."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus import embeddings
from backend_clients.corpus.embeddings import OpenAIEmbedder, WordLlamaEmbedder, corpus_vectors, normalised
from backend_clients.errors import Unavailable
from contracts.rules.long_texts import PIECE, pieces
from lambdas.common.models.openai_embeddings import OpenAIEmbedder as LambdaEmbedder
from lambdas.common.models.openai_embeddings import Patience
from tests.support.builders.search_corpora import WordEmbedder
from tests.support.builders.stories import corpus, story
from tests.support.servers.json_server import Reply
from tests.support.servers.openai_server import KEY, OpenAIServer, embedding_list


class Counting:
    """Embeds a text as its length and 1, and remembers how many texts came at a time."""

    name = "counting"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, texts: list[str]) -> Any:
        self.batches.append(len(texts))
        return normalised([[len(text), 1.0] for text in texts])


STORIES = corpus(*(story(f"s{number:03d}", title="x" * (number + 1)) for number in range(5)))
FILE = f"embeddings-{STORIES.version}.npy"


# Kept vectors


def test_vectors_are_computed_once_stored_by_version_and_reused(tmp_path: Path) -> None:
    embedder = Counting()
    folder = tmp_path / "made" / "here"
    made = corpus_vectors(STORIES, embedder, folder)
    again = corpus_vectors(STORIES, embedder, folder)
    assert embedder.batches == [5]
    np.testing.assert_array_equal(made, again)
    np.testing.assert_array_equal(made, Counting().embed([item.embedding_text() for item in STORIES.stories]))
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_another_version_has_vectors_of_its_own(tmp_path: Path) -> None:
    embedder = Counting()
    corpus_vectors(STORIES, embedder, tmp_path)
    assert len(corpus_vectors(corpus(story(title="other")), embedder, tmp_path)) == 1
    assert embedder.batches == [5, 1]
    assert len(list(tmp_path.iterdir())) == 2


def test_many_stories_are_embedded_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_BATCH", 2)
    embedder = Counting()
    assert corpus_vectors(STORIES, embedder, tmp_path).shape == (5, 2)
    assert embedder.batches == [2, 2, 1]


def saved(array: Any, **options: Any) -> Callable[[Path], None]:
    return lambda path: np.save(path, array, **options)


def cut_to(share: float) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * share)])

    return cut


@pytest.mark.parametrize(
    "damage",
    [
        cut_to(0.0),
        cut_to(0.3),
        cut_to(0.99),
        lambda path: path.write_bytes(b"not an array"),
        lambda path: path.write_bytes(b"PK\x03\x04 broken archive"),
        lambda path: (path.unlink(), path.mkdir()),
        saved(np.zeros((4, 2), np.float32)),
        saved(np.zeros(5, np.float32)),
        saved(np.float32(1.0)),
        saved(np.zeros((5, 2), np.float64)),
        saved(np.full((5, 2), np.nan, np.float32)),
        saved(np.array([{"a": 1}] * 5, dtype=object), allow_pickle=True),
    ],
)
def test_a_damaged_file_is_rebuilt(
    tmp_path: Path, damage: Callable[[Path], Any], caplog: pytest.LogCaptureFixture
) -> None:
    embedder = Counting()
    made = corpus_vectors(STORIES, embedder, tmp_path)
    damage(tmp_path / FILE)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(corpus_vectors(STORIES, embedder, tmp_path), made)
    assert embedder.batches == [5, 5]
    assert FILE in caplog.text


def test_an_unwritable_folder_is_logged_and_search_works(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", "utf-8")
    assert len(corpus_vectors(STORIES, Counting(), blocked / "folder")) == 5
    assert "cannot be kept" in caplog.text


def test_an_interrupted_write_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, vectors: Any) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        corpus_vectors(STORIES, Counting(), tmp_path)
    assert not (tmp_path / FILE).exists()


@given(st.lists(st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3), min_size=1, max_size=5))
def test_rows_get_unit_length_and_zeros_stay(rows: list[list[float]]) -> None:
    unit = normalised(rows)
    assert unit.dtype == np.float32
    for row, given_row in zip(unit, rows, strict=True):
        length = float(np.linalg.norm(row))
        if np.linalg.norm(np.array(given_row, np.float32)) > 1e-15:
            assert length == pytest.approx(1.0, abs=1e-4)
        assert np.isfinite(row).all()


# WordLlama


def test_wordllama_embeds_offline_with_its_own_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing may be downloaded")

    monkeypatch.setattr("socket.socket.connect", no_network)
    embedder = WordLlamaEmbedder()
    vectors = embedder.embed(["credit card payments", "paying with a credit card", "storm outage maps", ""])
    assert (vectors.shape, vectors.dtype, embedder.name) == ((4, 256), np.float32, "wordllama-256")
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx([1.0] * 3, abs=1e-5)
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2])
    np.testing.assert_array_equal(vectors[:1], embedder.embed(["credit card payments"]))


# OpenAI's embeddings, through the real SDK


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *_: 0.0)


def test_texts_are_sent_in_batches_and_vectors_are_in_order(server: OpenAIServer) -> None:
    texts = [f"word{number} common" for number in range(150)]
    vectors = OpenAIEmbedder(KEY, server.base_url).embed(texts)
    assert [len(call.body["input"]) for call in server.calls] == [64, 64, 22]
    assert server.texts() == sorted(texts, key=len)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0] * 150, abs=1e-5)
    alone = OpenAIEmbedder(KEY, server.base_url).embed([texts[70]])
    np.testing.assert_allclose(vectors[70], alone[0], atol=1e-6)


def test_a_blank_text_is_not_sent_and_has_a_zero_vector(server: OpenAIServer) -> None:
    vectors = OpenAIEmbedder(KEY, server.base_url).embed(["", "payments", " \n"])
    assert server.texts() == ["payments"]
    assert vectors.any(axis=1).tolist() == [False, True, False]
    assert not OpenAIEmbedder(KEY, server.base_url).embed([" "]).any()


LONG = "payments " * 1500 + "risk " * 1500 + "\u20ac" * 9000


def test_a_long_text_is_the_mean_of_its_pieces_on_both_sides(server: OpenAIServer) -> None:
    texts = ["short", LONG, " ", "two words"]
    vectors = OpenAIEmbedder(KEY, server.base_url).embed(texts)
    sent = server.texts()
    assert sorted(sent, key=len) == sent
    assert "".join(sorted(sent[2:])) == "".join(sorted(pieces(LONG)))
    assert max(len(text.encode()) for text in sent) <= PIECE
    means = [(len(piece) * WordEmbedder().embed([piece])[0]) for piece in pieces(LONG)]
    np.testing.assert_allclose(vectors[1], normalised([np.sum(means, axis=0)])[0], atol=1e-5)
    other = LambdaEmbedder(KEY, server.base_url, Patience(5.0, 0, 10.0)).embed(texts)
    np.testing.assert_allclose(vectors, other, atol=1e-6)
    assert server.texts() == sent * 2


@pytest.mark.usefixtures("no_retries")
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_transient_error_is_retried(server: OpenAIServer, status: int) -> None:
    server.misbehaviours = [Reply(status, {"error": {"message": "not now"}})] * 2
    assert OpenAIEmbedder(KEY, server.base_url).embed(["payments"]).any()


BROKEN = [
    Reply(500, {"error": {"message": "down"}}),
    Reply(429, {"error": {"message": "slow down"}}),
    Reply(400, {"error": {"message": "bad"}}),
    Reply(body="<html>It works!</html>"),
    Reply(body="{"),
    Reply(body=[]),
    Reply(body={}),
    Reply(body=embedding_list([])),
    Reply(body=embedding_list(None)),
    Reply(body=embedding_list([{"object": "embedding", "index": 1, "embedding": [1.0]}])),
    Reply(body=embedding_list([{"object": "embedding", "index": 0, "embedding": ["x"]}])),
    Reply(body=embedding_list([{"object": "embedding", "index": 0}])),
    Reply(body=embedding_list([{"object": "embedding", "index": 0, "embedding": [1.0]}] * 2)),
]


@pytest.mark.usefixtures("no_retries")
@pytest.mark.parametrize("reply", BROKEN, ids=lambda reply: f"{reply.status}-{str(reply.body)[:30]}")
def test_an_invalid_answer_of_the_service_is_unavailable(server: OpenAIServer, reply: Reply) -> None:
    server.misbehaviours = [reply] * 3
    with pytest.raises(Unavailable) as raised:
        OpenAIEmbedder(KEY, server.base_url).embed(["payments"])
    assert "html" not in str(raised.value)


def test_a_rejected_key_is_not_disclosed(server: OpenAIServer) -> None:
    with pytest.raises(Unavailable) as raised:
        OpenAIEmbedder("sk-wrong", server.base_url).embed(["payments"])
    assert "sk-" not in str(raised.value)


@pytest.mark.usefixtures("no_retries")
def test_a_hanging_service_is_unavailable(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "_REMOTE_TIMEOUT", 0.2)
    server.hanging = True
    with pytest.raises(Unavailable):
        OpenAIEmbedder(KEY, server.base_url).embed(["payments"])
