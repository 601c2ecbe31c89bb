"""Selects the embedder, the vector index and the answer writer by the owner's keys."""

from backend_clients.ask.in_process.answer_writer import AnswerWriter
from backend_clients.ask.in_process.llm import ChatModel, TokenBudget
from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.embeddings import Embedder, OpenAIEmbedder, WordLlamaEmbedder
from backend_clients.search.vector_index import ExactIndex, PineconeIndex, VectorIndex
from backend_clients.settings import Settings
from contracts.rules.embedding_service import embedding_service


def embedder_of(settings: Settings) -> Embedder:
    """The embedding service if one is configured, else WordLlama, which needs no key."""
    service = embedding_service(
        settings.embeddings_model,
        (settings.embeddings_api_key.get_secret_value(), settings.embeddings_base_url),
        (settings.openai_api_key.get_secret_value(), settings.openai_base_url),
    )
    return OpenAIEmbedder(service.api_key, service.base_url, service.model) if service else WordLlamaEmbedder()


def vector_index_of(settings: Settings, corpus: Corpus, embedder: Embedder) -> VectorIndex:
    """Pinecone's index if a key is configured, else exact search in memory."""
    key = settings.pinecone_api_key.get_secret_value()
    exact = ExactIndex(corpus, embedder, settings.data_dir)
    if not key:
        return exact
    return PineconeIndex(exact, key, settings.pinecone_index_host, settings.pinecone_index)


def answer_writer_of(settings: Settings) -> AnswerWriter | None:
    """The model that writes answers in-process; None without a key, and answers are then extractive."""
    key = settings.openai_api_key.get_secret_value()
    if not key:
        return None
    model = ChatModel(settings.openai_chat_model, key, settings.openai_base_url)
    return AnswerWriter(model, TokenBudget(settings.data_dir / "tokens.sqlite3", settings.llm_daily_tokens))
