"""Chooses the service that embeds texts: it stands apart from the one that chats."""

from dataclasses import dataclass
from typing import Final

EMBEDDING_MODEL: Final = "text-embedding-3-small"
LOCAL: Final = "local"
_NO_KEY: Final = "none"  # what a server of one's own is sent that was given no key

Access = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EmbeddingService:
    """A server that speaks OpenAI's embeddings API, and the model that it is asked for."""

    api_key: str
    base_url: str
    model: str


def embedding_service(model: str, own: Access, chat: Access) -> EmbeddingService | None:
    """The service that the settings name; None for the built-in model.

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
