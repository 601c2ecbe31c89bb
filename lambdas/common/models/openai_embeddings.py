"""Embeds texts with OpenAI, or any server that speaks its API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from contracts.rules.embedding_service import EMBEDDING_MODEL
from contracts.rules.long_texts import batches
from lambdas.common.http.problems import DependencyDown
from lambdas.common.models.deadline import within
from lambdas.common.models.embeddings import Vectors, unit_rows
from lambdas.common.models.provider_keys import KeySource

if TYPE_CHECKING:
    from openai import OpenAI

NAME: Final = f"openai:{EMBEDDING_MODEL}"
_UNREACHABLE: Final = "The service that embeds texts does not answer; try again in a moment."
_REFUSED: Final = "The service that embeds texts refuses this site's key."
_MALFORMED: Final = "The service that embeds texts gave an answer that cannot be used."


@dataclass(frozen=True)
class Patience:
    """Time limits: seconds for an attempt, the number of retries, and seconds for all attempts.

    The SDK waits between attempts for as long as the service asks it to; `deadline` ends that too.
    """

    timeout: float
    retries: int
    deadline: float


class OpenAIEmbedder:
    """Embeds with `text-embedding-3-small`: a long text as the mean of its pieces, a blank text as zeros."""

    def __init__(
        self, api_key: str | KeySource, base_url: str, patience: Patience, model: str = EMBEDDING_MODEL
    ) -> None:
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
        vectors = np.zeros((len(texts), 0))
        for places, batch in batches(texts):
            rows = unit_rows(self._embed(batch))
            if not vectors.shape[1]:
                vectors = np.zeros((len(texts), rows.shape[1]))
            if rows.shape[1] != vectors.shape[1]:
                raise DependencyDown(_MALFORMED)
            weights = np.array([len(piece) for piece in batch], np.float64)
            np.add.at(vectors, places, rows * weights[:, np.newaxis])
        return unit_rows(vectors)

    def _embed(self, texts: list[str]) -> Vectors:
        import openai  # noqa: PLC0415 - slow to load, and needed only with a key

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


def _client(api_key: str | KeySource, base_url: str, patience: Patience) -> "OpenAI":
    from openai import OpenAI  # noqa: PLC0415

    return OpenAI(api_key=api_key, base_url=base_url or None, timeout=patience.timeout, max_retries=patience.retries)


def _vectors(answer: Any, count: int) -> Vectors:
    """Return the vectors of an answer in the order of the texts; raise unless there is one for each text."""
    ordered = sorted(answer.data, key=lambda item: item.index)
    if [item.index for item in ordered] != list(range(count)):
        raise ValueError("not one vector a text")
    vectors = np.array([item.embedding for item in ordered], np.float32)
    if vectors.ndim != 2 or not vectors.shape[1] or not np.isfinite(vectors).all():
        raise ValueError("not vectors of numbers")
    return vectors
