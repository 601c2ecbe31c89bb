"""Bringing a corpus into the search stack: the index, then the switch, then the tidying up."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contracts.model import Contract
from contracts.story import Story
from lambdas.common.embeddings import Embedder
from lambdas.common.pointer import NoCorpus, Pointer, read_pointer, switch_pointer
from lambdas.common.problems import DependencyDown
from lambdas.common.snapshot import pack_snapshot, unpack_snapshot
from lambdas.search.preparation import Blueprint, Progress, Refused
from lambdas.search.retirement import INDEXES, retire_indexes
from lambdas.search.rules import NonsenseRule

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from lambdas.common.pinecone_namespaces import PineconeNamespaces


class IngestError(Exception):
    """The ingest stopped; the message says how much is done and what is left. Running it again goes on from there."""


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
) -> IngestReport:
    """Search these stories from now on, all of them or, if anything fails, the corpus that was searched before.

    A run on what is served already, by corpus, rules and code, builds and writes nothing.

    Parameters
    ----------
    on_progress
        Called with what is done, what there is to do, and the phase: embed, index, upsert, publish, retire.

    Raises
    ------
    IngestError
    """
    try:
        return _Ingest(Blueprint(stories, embedder, rules), target, on_progress).run()
    except Refused as error:
        raise IngestError(f"{error}; nothing was written") from error


class _Ingest:
    """One run, from the pointer it saw at the start."""

    def __init__(self, blueprint: Blueprint, target: IngestTarget, on_progress: Progress) -> None:
        self._blueprint = blueprint
        self._target = target
        self._on_progress = on_progress
        self._started = target.now()

    def run(self) -> IngestReport:
        with _explained("the table or the bucket could not be read; nothing was written"):
            seen = self._pointer()
            served = self._served(seen)
        packed = served or self._packed()
        upserted = self._upsert(packed)
        if seen is None or served is None:
            self._on_progress(0, 1, "publish")
            with _explained("the index is made but not served; its upload and the switch are left"):
                pointer = self._publish(packed, seen)
            self._on_progress(1, 1, "publish")
        else:
            pointer = seen
        retired, problem = self._retire(pointer)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            stories=pointer.count,
            index_key=pointer.snapshot_key,
            index_bytes=len(packed),
            vectors_upserted=upserted,
            switched=pointer != seen,
            indexes_retired=retired,
            retire_problem=problem,
        )

    def _pointer(self) -> Pointer | None:
        try:
            return read_pointer(self._target.dynamodb, self._target.table, consistent=True)
        except NoCorpus:
            return None

    def _served(self, seen: Pointer | None) -> bytes | None:
        """The index served now if it is the wanted one and whole; None if it must be made."""
        if seen is None or seen.fingerprint != self._blueprint.fingerprint:
            return None
        try:
            packed = self._target.s3.get_object(Bucket=self._target.bucket, Key=seen.snapshot_key)["Body"].read()
        except self._target.s3.exceptions.NoSuchKey:
            return None
        return packed if hashlib.sha256(packed).hexdigest() == seen.sha256 else None

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

    def _retire(self, pointer: Pointer) -> tuple[int, str]:
        self._on_progress(0, 1, "retire")
        retired, problem = retire_indexes(self._target.s3, self._target.bucket, pointer, self._started)
        if self._target.namespaces is not None:
            try:
                self._target.namespaces.keep_only({pointer.corpus_version, pointer.previous_version})
            except DependencyDown as error:
                problem = problem or f"old namespaces are still there: {error.detail}"
        self._on_progress(1, 1, "retire")
        return retired, problem

    def _publish(self, packed: bytes, seen: Pointer | None) -> Pointer:
        """Upload the index under a name of its own, and point at it if the pointer is what was seen."""
        pointer = Pointer(
            corpus_version=self._blueprint.corpus_version,
            fingerprint=self._blueprint.fingerprint,
            snapshot_key=f"{INDEXES}{self._blueprint.corpus_version}-{uuid.uuid4().hex}.safetensors",
            sha256=hashlib.sha256(packed).hexdigest(),
            count=self._blueprint.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=seen.snapshot_key if seen else "",
            previous_version=seen.corpus_version if seen else "",
        )
        self._target.s3.put_object(Bucket=self._target.bucket, Key=pointer.snapshot_key, Body=packed)
        try:
            switch_pointer(self._target.dynamodb, self._target.table, pointer, seen)
        except self._target.dynamodb.exceptions.ConditionalCheckFailedException as error:
            raise IngestError(
                "another ingest switched the corpus while this one ran; that one is served, this one is not: "
                "run this again if it is the corpus that should be served"
            ) from error
        return pointer


@contextmanager
def _explained(state: str) -> Iterator[None]:
    """Turn what AWS says into how far the ingest came."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise IngestError(f"{state} ({type(error).__name__}); running this again goes on from here") from error
