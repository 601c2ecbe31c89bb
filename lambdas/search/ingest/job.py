"""Ingests a corpus into the search stack: index, vectors in Pinecone, switch, cleanup."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.snapshot import pack_snapshot, unpack_snapshot
from lambdas.common.ingest.run import (
    GRACE,
    CleanupResult,
    IngestError,
    Planned,
    Progress,
    delete_old,
    plan_ingest,
    switch_pointer,
    translate_rejection,
)
from lambdas.common.ingest.target import SnapshotTarget
from lambdas.common.models.embeddings import Embedder
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.pointer import Pointer

if TYPE_CHECKING:
    from lambdas.common.models.pinecone_namespaces import PineconeNamespaces


INDEXES: Final = "indexes/"


@dataclass(frozen=True, kw_only=True)
class SearchTarget(SnapshotTarget):
    """The stack to fill, and Pinecone's namespaces if vectors are searched there."""

    namespaces: "PineconeNamespaces | None" = None


class IngestReport(Contract):
    """Result of an ingest. `retire_problem` is "" unless the cleanup failed, which does not affect answers."""

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
    target: SearchTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Plan and finish an ingest: see `plan`."""
    return plan(stories, embedder, rules, target, on_progress, facts).finish()


def plan(
    stories: Sequence[Story],
    embedder: Embedder,
    rules: Sequence[NonsenseRule],
    target: SearchTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> Planned[IngestReport]:
    """Build what replaces the searched corpus; after any failure the previous corpus is still searched.

    A run on the served corpus, with equal facts, rules and code, builds and writes nothing.

    Parameters
    ----------
    on_progress
        Called with the number done, the total, and the phase: embed, index, upsert, publish, retire.
    facts
        Facts of the owner's profile, stored in the index to answer questions about them.

    Raises
    ------
    IngestError
    """
    item = PointerItem(target.dynamodb, target.table, Pointer)
    with translate_rejection():
        steps = _Steps(IndexBuilder(stories, embedder, rules, facts), target, item, on_progress)
        planned = plan_ingest(steps, item, on_progress)

    def finish() -> IngestReport:
        result = planned.finish()
        return IngestReport(
            corpus_version=result.pointer.corpus_version,
            stories=result.pointer.count,
            index_key=result.pointer.snapshot_key,
            index_bytes=len(result.written.packed),
            vectors_upserted=result.written.upserted,
            switched=result.switched,
            indexes_retired=result.cleanups[0].deleted,
            retire_problem=result.cleanup_problem,
        )

    return Planned(planned.current.corpus_version if planned.current else "", finish)


@dataclass(frozen=True)
class _Plan:
    """The packed index, and whether it is served already."""

    packed: bytes
    served: bool


@dataclass(frozen=True)
class _Written:
    """The packed index, whether it is already served, and the number of vectors sent to Pinecone."""

    packed: bytes
    served: bool
    upserted: int


class _Steps:
    """The steps of one run; publishing switches only if the pointer is unchanged since its start."""

    unread = "the table or the bucket could not be read; nothing was written"
    unpublished = "the index is made but not served; its upload and the switch are left"

    def __init__(
        self, builder: IndexBuilder, target: SearchTarget, item: PointerItem[Pointer], on_progress: Progress
    ) -> None:
        self._builder = builder
        self._item = item
        self._indexes = SnapshotBucket(target.s3, target.bucket, INDEXES)
        self._namespaces = target.namespaces
        self._on_progress = on_progress
        self._started = target.now()

    def plan(self, current: Pointer | None) -> _Plan:
        """The served index if it was built from the same inputs and is undamaged, else one that is built now."""
        served = None
        if current is not None and current.fingerprint == self._builder.fingerprint:
            served = self._indexes.whole(current.snapshot_key, current.sha256)
        return _Plan(served or self._packed(), served is not None)

    def write(self, plan: _Plan) -> _Written:
        return _Written(plan.packed, plan.served, self._upsert(plan.packed))

    def publish(self, written: _Written, current: Pointer | None) -> tuple[Pointer, bool]:
        if current and written.served:
            return current, False
        pointer = Pointer(
            corpus_version=self._builder.corpus_version,
            fingerprint=self._builder.fingerprint,
            snapshot_key=self._indexes.add(self._builder.corpus_version, written.packed),
            sha256=hashlib.sha256(written.packed).hexdigest(),
            count=self._builder.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=current.snapshot_key if current else "",
            previous_version=current.corpus_version if current else "",
        )
        switch_pointer(self._item, pointer, current)
        return pointer, True

    def clean_up(self, pointer: Pointer) -> tuple[CleanupResult, ...]:
        kept = (pointer.snapshot_key, pointer.previous_key)
        indexes = delete_old("indexes", lambda: self._indexes.delete_old(kept, self._started - GRACE))
        namespaces = self._namespaces
        if namespaces is None:
            return (indexes,)
        versions = {pointer.corpus_version, pointer.previous_version}
        return indexes, delete_old("namespaces", lambda: namespaces.keep_only(versions))

    def _packed(self) -> bytes:
        try:
            return pack_snapshot(self._builder.build(self._on_progress))
        except DependencyDown as error:
            raise IngestError(f"the stories could not be embedded: {error.detail} Nothing was written") from error

    def _upsert(self, packed: bytes) -> int:
        """Send the vectors to Pinecone, if it is used and its namespace is incomplete; returns their number."""
        namespaces, version = self._namespaces, self._builder.corpus_version
        if namespaces is None:
            return 0
        snapshot = unpack_snapshot(packed)
        wanted = self._builder.count - len(snapshot.array("blank"))
        try:
            if namespaces.count(version) == wanted:
                return 0
            metadata = self._builder.metadata()
            namespaces.fill(
                version, snapshot.array("vectors"), metadata, lambda done: self._on_progress(done, wanted, "upsert")
            )
        except DependencyDown as error:
            raise IngestError(
                f"the vectors could not be sent to Pinecone: {error.detail} The upsert and the switch are left; "
                "what was searched is searched still, and running this again goes on from here"
            ) from error
        return wanted
