"""Chooses the service that embeds texts, independently of the chat model."""

from dataclasses import dataclass
from typing import Final

EMBEDDING_MODEL: Final = "text-embedding-3-small"
LOCAL: Final = "local"
_NO_KEY: Final = "none"  # sent to a server without a key

Access = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EmbeddingService:
    """A server with OpenAI's embeddings API, and the name of its model."""

    api_key: str
    base_url: str
    model: str


def embedding_service(model: str, own: Access, chat: Access) -> EmbeddingService | None:
    """Return the service that the settings name; None for the built-in model.

    Parameters
    ----------
    own, chat
        API key and base URL of the embeddings, and of the chat model, which serve both where the former are not set.
        The chat model's key goes to no other server.
    """
    if model == LOCAL:
        return None
    key, base_url = (own[0] or _NO_KEY, own[1]) if any(own) else chat
    return EmbeddingService(key, base_url, model or EMBEDDING_MODEL) if key else None
