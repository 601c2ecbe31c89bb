"""Bringing a corpus into the search stack: the index, then the switch, then the tidying up."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.snapshot import pack_snapshot, unpack_snapshot
from lambdas.common.ingest.limits import CorpusRejected
from lambdas.common.ingest.run import IngestError, Progress, progress_phase, switch, translate_aws_errors
from lambdas.common.models.embeddings import Embedder
from lambdas.search.ingest.cleanup import clean_up
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.pointer import Pointer, pointer_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces


INDEXES: Final = "indexes/"


@dataclass(frozen=True)
class IngestTarget:
    """The stack to fill: its table, its bucket, clients to reach them, and Pinecone where that finds the vectors."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    table: str
    bucket: str
    namespaces: "PineconeNamespaces | None" = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class IngestReport(Contract):
    """What an ingest did. `retire_problem` is "" unless tidying up failed, which harms no answer."""

    corpus_version: str
    stories: int
    index_key: str
    index_bytes: int
    vectors_upserted: int
    switched: bool
    indexes_retired: int
    retire_problem: str


def ingest(
    stories: Sequence[Story],
    embedder: Embedder,
    rules: Sequence[NonsenseRule],
    target: IngestTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Search these stories from now on, all of them or, if anything fails, the corpus that was searched before.

    A run on what is served already, by corpus, facts, rules and code, builds and writes nothing.

    Parameters
    ----------
    on_progress
        Called with what is done, what there is to do, and the phase: embed, index, upsert, publish, retire.
    facts
        The owner's; questions about them are answered from the index.

    Raises
    ------
    IngestError
    """
    try:
        return _Ingest(IndexBuilder(stories, embedder, rules, facts), target, on_progress).run()
    except CorpusRejected as error:
        raise IngestError(f"{error}; nothing was written") from error


class _Ingest:
    """One run, from the pointer it saw at the start."""

    def __init__(self, blueprint: IndexBuilder, target: IngestTarget, on_progress: Progress) -> None:
        self._blueprint = blueprint
        self._target = target
        self._on_progress = on_progress
        self._item = pointer_item(target.dynamodb, target.table)
        self._indexes = SnapshotBucket(target.s3, target.bucket, INDEXES)
        self._started = target.now()

    def run(self) -> IngestReport:
        with translate_aws_errors("the table or the bucket could not be read; nothing was written"):
            seen = self._item.read_latest()
            served = self._served(seen)
        packed = served or self._packed()
        upserted = self._upsert(packed)
        publishing = translate_aws_errors("the index is made but not served; its upload and the switch are left")
        with progress_phase("publish", self._on_progress), publishing:
            pointer = seen if seen and served else self._switch(packed, seen)
        with progress_phase("retire", self._on_progress):
            cleanup = clean_up(self._indexes, self._target.namespaces, pointer, self._started)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            stories=pointer.count,
            index_key=pointer.snapshot_key,
            index_bytes=len(packed),
            vectors_upserted=upserted,
            switched=pointer != seen,
            indexes_retired=cleanup.indexes,
            retire_problem=cleanup.problem,
        )

    def _served(self, seen: Pointer | None) -> bytes | None:
        """The index served now if it is the wanted one and whole; None if it must be made."""
        if seen is None or seen.fingerprint != self._blueprint.fingerprint:
            return None
        return self._indexes.whole(seen.snapshot_key, seen.sha256)

    def _packed(self) -> bytes:
        try:
            return pack_snapshot(self._blueprint.build(self._on_progress))
        except DependencyDown as error:
            raise IngestError(f"the stories could not be embedded: {error.detail} Nothing was written") from error

    def _upsert(self, packed: bytes) -> int:
        """Give Pinecone, where it is used, the vectors that its namespace lacks."""
        namespaces, version = self._target.namespaces, self._blueprint.corpus_version
        if namespaces is None:
            return 0
        snapshot = unpack_snapshot(packed)
        wanted = self._blueprint.count - len(snapshot.array("blank"))
        try:
            if namespaces.count(version) == wanted:
                return 0
            metadata = self._blueprint.metadata()
            namespaces.fill(
                version, snapshot.array("vectors"), metadata, lambda done: self._on_progress(done, wanted, "upsert")
            )
        except DependencyDown as error:
            raise IngestError(
                f"the vectors could not be given to Pinecone: {error.detail} The upsert and the switch are left; "
                "what was searched is searched still, and running this again goes on from here"
            ) from error
        return wanted

    def _switch(self, packed: bytes, seen: Pointer | None) -> Pointer:
        """Keep the index, and serve it if what was seen is served still."""
        pointer = Pointer(
            corpus_version=self._blueprint.corpus_version,
            fingerprint=self._blueprint.fingerprint,
            snapshot_key=self._indexes.add(self._blueprint.corpus_version, packed),
            sha256=hashlib.sha256(packed).hexdigest(),
            count=self._blueprint.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=seen.snapshot_key if seen else "",
            previous_version=seen.corpus_version if seen else "",
        )
        switch(self._item, pointer, seen)
        return pointer
