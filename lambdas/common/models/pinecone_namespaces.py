"""Fills and deletes Pinecone namespaces during an ingest."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from pinecone import (
    ApiError,
    ForbiddenError,
    PineconeConnectionError,
    PineconeError,
    PineconeTimeoutError,
    UnauthorizedError,
)
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from contracts.rules.batches import bounded_batches
from lambdas.common.http.problems import DependencyDown
from lambdas.common.models.embeddings import Vectors
from lambdas.common.models.pinecone_index import DOWN, INCOMPLETE, REFUSED, reason_of

if TYPE_CHECKING:
    from pinecone import Index

_BATCH: Final = 100
_BATCH_BYTES: Final = 1_900_000  # of JSON; Pinecone takes 2 MB
_METADATA_BYTES: Final = 38_000  # of JSON, a vector; Pinecone takes 40 KB
_ATTEMPTS: Final = 4  # each with the SDK's own retries
_LONGEST_WAIT: Final = 10.0
_SETTLING_CHECKS: Final = 120
_SECONDS_BETWEEN: Final = 1.0
_NAMESPACE: Final = re.compile(r"[0-9a-f]{16}")

Metadata = Mapping[str, Any]
Item = dict[str, Any]
Result = TypeVar("Result")


class PineconeNamespaces:
    """The namespaces of the index that `connect` gives. Every method raises `DependencyDown` when Pinecone fails."""

    def __init__(self, connect: "Callable[[], Index]", sleep: Callable[[float], None] = time.sleep) -> None:
        self._connect = connect
        self._sleep = sleep

    def count(self, namespace: str) -> int:
        """Return the number of vectors in a namespace by Pinecone's count, which may lag."""
        return self._counts().get(namespace, 0)

    def fill(
        self, namespace: str, vectors: Vectors, metadata: Sequence[Metadata], on_batch: Callable[[int], None]
    ) -> None:
        """Upsert all vectors except zeros, and wait until Pinecone counts them."""
        self._refuse_other_dimensions(vectors.shape[1])
        rows = np.flatnonzero(vectors.any(axis=1)).tolist()
        done = 0
        items = (_item(row, vectors, metadata) for row in rows)
        for batch in bounded_batches(items, _json_bytes, _BATCH, _BATCH_BYTES):
            self._retried(partial(self._index.upsert, vectors=batch, namespace=namespace))
            done += len(batch)
            on_batch(done)
        for _ in range(_SETTLING_CHECKS):
            if self.count(namespace) >= len(rows):
                return
            self._sleep(_SECONDS_BETWEEN)
        raise DependencyDown(INCOMPLETE)

    def keep_only(self, namespaces: set[str]) -> int:
        """Delete the namespaces of all other corpus versions; those of another shape are not ours. Returns how many."""
        old = [name for name in self._counts() if _NAMESPACE.fullmatch(name) and name not in namespaces]
        for namespace in old:
            self._retried(partial(self._index.delete, delete_all=True, namespace=namespace))
        return len(old)

    def _refuse_other_dimensions(self, dimensions: int) -> None:
        held = self._retried(self._index.describe_index_stats).dimension
        if held not in (None, dimensions):
            raise DependencyDown(
                f"The Pinecone index takes vectors of {held} numbers, and the model in use makes {dimensions}: "
                f"make an index of {dimensions} dimensions, or use the model that this one was made for."
            )

    def _counts(self) -> dict[str, int]:
        index = self._index
        stats = self._retried(index.describe_index_stats)
        return {name: summary.vector_count for name, summary in stats.namespaces.items()}

    @cached_property
    def _index(self) -> "Index":
        return self._retried(self._connect)

    def _retried(self, call: Callable[[], Result]) -> Result:
        retrying = Retrying(
            retry=retry_if_exception(_is_passing),
            wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_WAIT),
            stop=stop_after_attempt(_ATTEMPTS),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(call)
        except (UnauthorizedError, ForbiddenError) as error:
            raise DependencyDown(REFUSED) from error
        except ApiError as error:
            raise DependencyDown(
                f"Pinecone refuses this: {reason_of(error)}." if _is_refusal(error) else DOWN
            ) from error
        except PineconeError as error:
            raise DependencyDown(DOWN) from error


def _item(row: int, vectors: Vectors, metadata: Sequence[Metadata]) -> Item:
    return {"id": str(row), "values": vectors[row].tolist(), "metadata": _bounded(metadata[row])}


def _bounded(metadata: Metadata) -> dict[str, Any]:
    """Cut metadata to the limit of bytes: the shortest fields are kept, and the first values of a list."""
    kept: dict[str, Any] = {}
    left = _METADATA_BYTES
    for name, value in sorted(metadata.items(), key=lambda item: _json_bytes(item[1])):
        fitting = _first_values(value, left - _json_bytes(name)) if isinstance(value, list) else value
        size = _json_bytes({name: fitting})
        if size <= left and (fitting or not value):
            kept[name] = fitting
            left -= size
    return {name: kept[name] for name in metadata if name in kept}


def _first_values(values: list[Any], room: int) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        room -= _json_bytes(value) + 2
        if room < 2:
            break
        kept.append(value)
    return kept


def _json_bytes(value: object) -> int:
    return len(json.dumps(value)) + 2  # with what separates it


def _is_refusal(error: ApiError) -> bool:
    return error.status_code in (400, 413, 422)


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, ApiError):
        return error.status_code == 429 or error.status_code >= 500
    return isinstance(error, PineconeConnectionError | PineconeTimeoutError)
