"""The service that embeds texts stands apart from the one that chats."""

import pytest

from backend_clients.corpus.embeddings import WordLlamaEmbedder
from backend_clients.providers import embedder_of
from backend_clients.settings import Settings
from contracts.rules.embedding_service import EmbeddingService, embedding_service
from lambdas.search.providers import query_embedder
from lambdas.search.settings import SearchSettings

CHAT = ("sk-chat", "http://chat.test/v1")
NONE = ("", "")


@pytest.mark.parametrize(
    ("model", "own", "chat", "service"),
    [
        ("", NONE, NONE, None),
        ("local", CHAT, CHAT, None),
        ("", NONE, CHAT, EmbeddingService(*CHAT, "text-embedding-3-small")),
        ("other", NONE, CHAT, EmbeddingService(*CHAT, "other")),
        ("", ("sk-own", ""), CHAT, EmbeddingService("sk-own", "", "text-embedding-3-small")),
        ("", ("", "http://own.test"), CHAT, EmbeddingService("none", "http://own.test", "text-embedding-3-small")),
        ("other", NONE, NONE, None),
    ],
)
def test_the_settings_choose_the_service(
    model: str, own: tuple[str, str], chat: tuple[str, str], service: EmbeddingService | None
) -> None:
    assert embedding_service(model, own, chat) == service


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "wordllama-256"),
        ({"OPENAI_API_KEY": "k"}, "openai:text-embedding-3-small"),
        ({"OPENAI_API_KEY": "k", "EMBEDDINGS_MODEL": "local"}, WordLlamaEmbedder.name),
        ({"OPENAI_API_KEY": "k", "EMBEDDINGS_BASE_URL": "http://x.test", "EMBEDDINGS_MODEL": "m"}, "openai:m"),
        ({"EMBEDDINGS_API_KEY": "k"}, "openai:text-embedding-3-small"),
    ],
)
def test_both_sides_embed_with_the_same(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str) -> None:
    for variable in ("OPENAI_API_KEY", "EMBEDDINGS_API_KEY", "EMBEDDINGS_BASE_URL", "EMBEDDINGS_MODEL"):
        monkeypatch.setenv(variable, variables.get(variable, ""))
    for variable in ("TABLE_NAME", "INDEX_BUCKET", "CACHE_TABLE"):
        monkeypatch.setenv(variable, "x")
    assert embedder_of(Settings()).name == name
    assert query_embedder(SearchSettings()).name == name
