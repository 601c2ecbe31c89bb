"""OpenAI's embeddings, or those of any server that speaks its API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from contracts.rules.embedding_service import EMBEDDING_MODEL
from lambdas.common.http.problems import DependencyDown
from lambdas.common.models.deadline import within
from lambdas.common.models.embeddings import Vectors, unit_rows

if TYPE_CHECKING:
    from openai import OpenAI

NAME: Final = f"openai:{EMBEDDING_MODEL}"
_BATCH: Final = 64
_MAX_CHARACTERS: Final = 20_000  # about 5,000 of the 8,191 tokens that the model takes, with room for dense text
_UNREACHABLE: Final = "The service that embeds texts does not answer; try again in a moment."
_REFUSED: Final = "The service that embeds texts refuses this site's key."
_MALFORMED: Final = "The service that embeds texts gave an answer that cannot be used."


@dataclass(frozen=True)
class Patience:
    """Seconds for one attempt, how many more there are, and seconds for all of them.

    The SDK waits between attempts for as long as the service asks it to; `deadline` ends that too.
    """

    timeout: float
    retries: int
    deadline: float


class OpenAIEmbedder:
    """Embeds with `text-embedding-3-small`. A blank text has no direction: its vector is zero."""

    def __init__(self, api_key: str, base_url: str, patience: Patience, model: str = EMBEDDING_MODEL) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._connect: Callable[[], OpenAI] = lambda: _client(api_key, base_url, patience)
        self._client: OpenAI | None = None
        self._deadline = patience.deadline

    def embed(self, texts: Sequence[str]) -> Vectors:
        """
        Raises
        ------
        DependencyDown
            The service does not answer, refuses the key, or answers with something else than vectors.
        """
        filled = [place for place, text in enumerate(texts) if text.strip()]
        batches = [filled[start : start + _BATCH] for start in range(0, len(filled), _BATCH)]
        found = [self._embed([texts[place][:_MAX_CHARACTERS] for place in batch]) for batch in batches]
        if len({vectors.shape[1] for vectors in found}) > 1:
            raise DependencyDown(_MALFORMED)
        vectors = np.zeros((len(texts), found[0].shape[1] if found else 0), np.float32)
        for batch, rows in zip(batches, found, strict=True):
            vectors[batch] = rows
        return unit_rows(vectors)

    def _embed(self, texts: list[str]) -> Vectors:
        import openai  # noqa: PLC0415 - only who has a key pays for it

        if self._client is None:
            self._client = self._connect()
        create = self._client.embeddings.create
        try:
            answer = within(self._deadline, lambda: create(model=self._model, input=texts))
            return _vectors(answer, len(texts))
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise DependencyDown(_REFUSED) from error
        except (openai.OpenAIError, TimeoutError) as error:
            raise DependencyDown(_UNREACHABLE) from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise DependencyDown(_MALFORMED) from error


def _client(api_key: str, base_url: str, patience: Patience) -> "OpenAI":
    from openai import OpenAI  # noqa: PLC0415

    return OpenAI(api_key=api_key, base_url=base_url or None, timeout=patience.timeout, max_retries=patience.retries)


def _vectors(answer: Any, count: int) -> Vectors:
    """The vectors of an answer in the order of the texts; raises when it is not one vector of numbers a text."""
    ordered = sorted(answer.data, key=lambda item: item.index)
    if [item.index for item in ordered] != list(range(count)):
        raise ValueError("not one vector a text")
    vectors = np.array([item.embedding for item in ordered], np.float32)
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError("not vectors of numbers")
    return vectors
