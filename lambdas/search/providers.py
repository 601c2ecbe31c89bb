"""Chooses the embedder and the vector index: the built-in ones, or the services for which a key is set."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from contracts.rules.embedding_service import Access, EmbeddingService, embedding_service
from lambdas.common.index.exact_vectors import ExactIndex, VectorIndex
from lambdas.common.models.embeddings import Embedder, WordLlamaEmbedder
from lambdas.common.models.openai_embeddings import OpenAIEmbedder, Patience
from lambdas.common.models.pinecone_index import PineconeIndex, pinecone_index
from lambdas.common.models.provider_keys import key_source
from lambdas.search.index import SearchIndex
from lambdas.search.settings import SearchSettings

if TYPE_CHECKING:
    from pinecone import Index

    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces

VectorIndexOf = Callable[[SearchIndex, ExactIndex], VectorIndex]
_FOR_VISITORS: Final = Patience(timeout=2.5, retries=1, deadline=6.0)  # a function has ten seconds
_FOR_INGEST: Final = Patience(timeout=60.0, retries=6, deadline=300.0)


def query_embedder(settings: SearchSettings) -> Embedder:
    """The embedder of queries, with short time-outs."""
    service = embedding_service(
        settings.embeddings_model,
        (settings.embeddings_api_key.get_secret_value(), settings.embeddings_base_url),
        (settings.openai_api_key.get_secret_value(), settings.openai_base_url),
    )
    return _embedder(service, _FOR_VISITORS)


def ingest_embedder(model: str, own: Access, chat: Access) -> Embedder:
    """The embedder of stories, with long time-outs; chosen by the same settings as that of queries."""
    return _embedder(embedding_service(model, own, chat), _FOR_INGEST)


def vector_index(settings: SearchSettings) -> VectorIndexOf:
    """The factory of a corpus's vector index. Pinecone is connected at the first query."""
    if not settings.pinecone_api_key.get_secret_value():
        return lambda _, exact: exact
    key = key_source(settings.pinecone_api_key.get_secret_value())
    connect = lru_cache(maxsize=1)(pinecone_index)  # another connection where the key was rotated

    def connected() -> "Index":
        return connect(key(), settings.pinecone_index_host, settings.pinecone_index)

    return lambda index, _: PineconeIndex(connected, index.corpus_version, index.size, index.blank)


def ingest_namespaces(pinecone_api_key: str, host: str, name: str) -> "PineconeNamespaces | None":
    """The Pinecone namespaces that an ingest fills in addition to the index; None without a key."""
    if not pinecone_api_key:
        return None
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces  # noqa: PLC0415 - only who has a key pays for it

    return PineconeNamespaces(lambda: pinecone_index(pinecone_api_key, host, name))


def _embedder(service: EmbeddingService | None, patience: Patience) -> Embedder:
    if service is None:
        return WordLlamaEmbedder()
    return OpenAIEmbedder(key_source(service.api_key), service.base_url, patience, service.model)
