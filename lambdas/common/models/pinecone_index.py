"""Pinecone as the vector index: one namespace a corpus version, one vector a story.

A vector's id is its story's place in the order of ids, from 0, for Pinecone's own ids may hold ASCII alone; the story's
id and its facets are in the metadata. Queries never filter by them: filters apply to the best hundred stories, and a
filtered query would find other ones.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from contracts.rules.secrets import without_secrets
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.exact_vectors import Cosines
from lambdas.common.index.postings import Rows
from lambdas.common.models.deadline import within
from lambdas.common.models.embeddings import Vectors
from lambdas.common.observability import logger

if TYPE_CHECKING:
    from pinecone import ApiError, Index, QueryResponse

_QUERY_SECONDS: Final = 2.0
_DEADLINE_SECONDS: Final = 5.0
_LONGEST_REASON: Final = 200
DOWN: Final = "The vector index does not answer; try again in a moment."
REFUSED: Final = "The vector index refuses this site's key."
INCOMPLETE: Final = "The vector index does not hold the whole corpus: ingest it again."


class PineconeIndex:
    """Finds the nearest rows with Pinecone.

    Parameters
    ----------
    connect
        Gives the index's data plane; the same one every time.
    blank
        Rows whose vectors are zero. Pinecone takes none, so they are not there; their cosine is 0.
    """

    def __init__(self, connect: "Callable[[], Index]", namespace: str, size: int, blank: Rows) -> None:
        self._connect = connect
        self._namespace = namespace
        self._size = size
        self._blank = blank

    def nearest(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        """
        Raises
        ------
        DependencyDown
            Pinecone does not answer, answers with something else, or lacks stories.
        """
        if not query.any():
            return np.arange(min(count, self._size), dtype=np.int32), np.zeros(min(count, self._size))
        rows, cosines = self._found(query, min(count, self._size - len(self._blank)))
        rows = np.concatenate([rows, self._blank])
        cosines = np.concatenate([cosines, np.zeros(len(self._blank))])
        best = np.lexsort((rows, -cosines))[:count]
        return rows[best], cosines[best]

    def _found(self, query: Vectors, count: int) -> tuple[Rows, Cosines]:
        from pinecone import ApiError, ForbiddenError, PineconeError, UnauthorizedError  # noqa: PLC0415 - slow to load

        if not count:
            return np.empty(0, np.int32), np.empty(0)
        try:
            matches = within(_DEADLINE_SECONDS, lambda: self._ask(query, count)).matches
            rows = np.array([int(match.id) for match in matches], np.int32)
            cosines = np.array([match.score for match in matches], np.float64)
        except (UnauthorizedError, ForbiddenError) as error:
            raise DependencyDown(REFUSED) from error
        except ApiError as error:
            reason = reason_of(error) if error.status_code in (400, 422) else ""
            logger.warning("the vector index fails", extra={"status": error.status_code, "reason": reason})
            raise DependencyDown(DOWN) from error
        except (PineconeError, TimeoutError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise DependencyDown(DOWN) from error
        sound = len(set(rows.tolist())) == len(rows) and np.isfinite(cosines).all()
        if not sound or (len(rows) and not 0 <= rows.min() <= rows.max() < self._size):
            raise DependencyDown(DOWN)
        if len(rows) < count:
            raise DependencyDown(INCOMPLETE)
        return rows, cosines

    def _ask(self, query: Vectors, count: int) -> "QueryResponse":
        return self._connect().query(
            vector=query.tolist(), top_k=count, namespace=self._namespace, timeout=_QUERY_SECONDS
        )


def pinecone_index(api_key: str, host: str, name: str) -> "Index":
    """Connect to an index by its host or, with one more request, by its name."""
    from pinecone import Pinecone  # noqa: PLC0415

    return Pinecone(api_key=api_key).index(host=host) if host else Pinecone(api_key=api_key).index(name)


def reason_of(error: "ApiError") -> str:
    """Shorten Pinecone's message on a failed call to one line for logs, without keys."""
    return without_secrets(" ".join(str(error.message).split()))[:_LONGEST_REASON].rstrip(".")
