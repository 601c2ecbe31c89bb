"""Who embeds texts and who finds vectors: what is built in, or the services that a key was given for."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from lambdas.common.index.exact_vectors import ExactIndex, VectorIndex
from lambdas.common.models.embeddings import Embedder, WordLlamaEmbedder
from lambdas.common.models.openai_embeddings import OpenAIEmbedder, Patience
from lambdas.common.models.pinecone_index import PineconeIndex, pinecone_index
from lambdas.search.index import SearchIndex
from lambdas.search.settings import SearchSettings

if TYPE_CHECKING:
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces

VectorIndexOf = Callable[[SearchIndex, ExactIndex], VectorIndex]
_FOR_VISITORS: Final = Patience(timeout=2.5, retries=1, deadline=6.0)  # a function has ten seconds
_FOR_INGEST: Final = Patience(timeout=60.0, retries=6, deadline=300.0)


def query_embedder(settings: SearchSettings) -> Embedder:
    """What embeds queries: quick to give up."""
    return _embedder(settings.openai_api_key.get_secret_value(), settings.openai_base_url, _FOR_VISITORS)


def ingest_embedder(openai_api_key: str, openai_base_url: str = "") -> Embedder:
    """What embeds stories: patient. Without a key it is the built-in model."""
    return _embedder(openai_api_key, openai_base_url, _FOR_INGEST)


def vector_index(settings: SearchSettings) -> VectorIndexOf:
    """What makes the vector index of a corpus. Pinecone is connected to at the first query."""
    key = settings.pinecone_api_key.get_secret_value()
    if not key:
        return lambda _, exact: exact
    connect = cache(lambda: pinecone_index(key, settings.pinecone_index_host, settings.pinecone_index))
    return lambda index, _: PineconeIndex(connect, index.corpus_version, index.size, index.blank)


def ingest_namespaces(pinecone_api_key: str, host: str, name: str) -> "PineconeNamespaces | None":
    """Where an ingest puts vectors besides the index; None without a key."""
    if not pinecone_api_key:
        return None
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces  # noqa: PLC0415 - only who has a key pays for it

    return PineconeNamespaces(lambda: pinecone_index(pinecone_api_key, host, name))


def _embedder(api_key: str, base_url: str, patience: Patience) -> Embedder:
    return OpenAIEmbedder(api_key, base_url, patience) if api_key else WordLlamaEmbedder()
