"""Tidying up after a switch: indexes and namespaces that neither the served corpus nor the one before it needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.http.problems import DependencyDown
from lambdas.common.ingest.run import GRACE
from lambdas.search.pointer import Pointer

if TYPE_CHECKING:
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces


@dataclass(frozen=True)
class CleanupResult:
    indexes: int = 0
    problem: str = ""


def clean_up(
    indexes: SnapshotBucket, namespaces: "PineconeNamespaces | None", pointer: Pointer, now: datetime
) -> CleanupResult:
    """Delete indexes older than `GRACE`, and namespaces, of neither corpus.

    A failure is told, not raised: the new corpus is served already. It keeps neither from the other.
    """
    result = _delete_indexes(indexes, pointer, now)
    if namespaces is None:
        return result
    try:
        namespaces.keep_only({pointer.corpus_version, pointer.previous_version})
    except DependencyDown as error:
        return CleanupResult(result.indexes, result.problem or f"old namespaces are still there: {error.detail}")
    return result


def _delete_indexes(indexes: SnapshotBucket, pointer: Pointer, now: datetime) -> CleanupResult:
    try:
        return CleanupResult(indexes.delete_old((pointer.snapshot_key, pointer.previous_key), now - GRACE))
    except (BotoCoreError, ClientError) as error:
        return CleanupResult(problem=f"old indexes are still there: {type(error).__name__}")
