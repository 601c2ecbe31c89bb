"""Reads the served index."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lambdas.common.aws.clients import dynamodb_client, s3_client
from lambdas.common.aws.snapshot_cache import SnapshotSource
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.index.exact_vectors import ExactIndex, VectorIndex
from lambdas.common.live_version import LiveVersion
from lambdas.search.index import SearchIndex
from lambdas.search.pointer import Pointer
from lambdas.search.providers import VectorIndexOf, vector_index
from lambdas.search.ranking.fusion import Ranking
from lambdas.search.settings import search_settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Corpus:
    """One version of the corpus: its index, its vector index, and the ranking over both."""

    index: SearchIndex
    vectors: VectorIndex
    ranking: Ranking


class SearchStore:
    """The corpus that the pointer names."""

    def __init__(
        self, dynamodb: "DynamoDBClient", table: str, indexes: SnapshotSource, vector_index: VectorIndexOf
    ) -> None:
        self._indexes = indexes
        self._vector_index = vector_index
        self._on_disk = ""
        self._current = LiveVersion[Pointer, Corpus](PointerItem(dynamodb, table, Pointer).read, self._load)

    def corpus(self) -> Corpus:
        """The corpus to answer from; it may be `REFRESH_SECONDS` behind the pointer."""
        return self._current.get()

    def _load(self, pointer: Pointer) -> Corpus:
        snapshot = self._indexes.load(pointer.snapshot_key, pointer.sha256)
        index, exact = SearchIndex(snapshot), ExactIndex(snapshot)
        corpus = Corpus(index, self._vector_index(index, exact), Ranking(index, exact))
        if self._on_disk not in ("", pointer.sha256):
            self._indexes.forget(self._on_disk)
        self._on_disk = pointer.sha256
        return corpus


@cache
def search_store() -> SearchStore:
    """The store of this process."""
    settings = search_settings()
    indexes = SnapshotSource(s3_client(), settings.index_bucket, settings.snapshot_folder)
    return SearchStore(dynamodb_client(), settings.table_name, indexes, vector_index(settings))
