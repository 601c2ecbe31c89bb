"""Ingests a corpus into the stories stack: bodies, catalog, switch, cleanup."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.index.snapshot import unpack_snapshot
from lambdas.common.ingest.run import (
    GRACE,
    CleanupResult,
    Planned,
    Progress,
    delete_old,
    plan_ingest,
    switch_pointer,
    translate_rejection,
    write_all,
)
from lambdas.common.ingest.target import SnapshotTarget
from lambdas.stories.ingest.preparation import PreparedCorpus, prepare
from lambdas.stories.pointer import Pointer
from lambdas.stories.story_table import StoryTable

LISTINGS: Final = "listings/"


class IngestReport(Contract):
    """Result of an ingest. `retire_problem` is "" unless the cleanup failed, which does not affect answers."""

    corpus_version: str
    stories: int
    bodies_written: int
    listing_key: str
    listing_bytes: int
    switched: bool
    bodies_retired: int
    listings_retired: int
    retire_problem: str


def ingest(
    stories: Sequence[Story],
    embedder: str,
    target: SnapshotTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Plan and finish an ingest: see `plan`."""
    return plan(stories, embedder, target, on_progress, facts).finish()


def plan(
    stories: Sequence[Story],
    embedder: str,
    target: SnapshotTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> Planned[IngestReport]:
    """Prepare to replace the served corpus by these stories; after any failure the previous corpus is still served.

    Writes only missing bodies. A stopped run resumes when it is repeated; a run on the served corpus writes nothing.

    Parameters
    ----------
    embedder
        Name of the embedder, part of the corpus version.
    facts
        Facts of the owner's profile, part of the corpus version.
    on_progress
        Called with the number done, the total, and the phase: prepare, check, write, publish, retire.

    Raises
    ------
    IngestError
    """
    with translate_rejection():
        prepared = prepare(stories, embedder, lambda done: on_progress(done, len(stories), "prepare"), facts)
    item = PointerItem(target.dynamodb, target.table, Pointer)
    planned = plan_ingest(_Steps(prepared, target, item, on_progress), item, on_progress)

    def finish() -> IngestReport:
        result = planned.finish()
        bodies, listings = result.cleanups
        return IngestReport(
            corpus_version=result.pointer.corpus_version,
            stories=result.pointer.count,
            bodies_written=len(result.written.missing),
            listing_key=result.pointer.listing_key,
            listing_bytes=len(prepared.listing),
            switched=result.switched,
            bodies_retired=bodies.deleted,
            listings_retired=listings.deleted,
            retire_problem=result.cleanup_problem,
        )

    return Planned(planned.current.corpus_version if planned.current else "", finish)


@dataclass(frozen=True)
class _Plan:
    """Content hashes of the bodies to write, and whether the catalog is already served."""

    missing: list[str]
    listing_served: bool


class _Steps:
    """The steps of one run; publishing switches only if the pointer is unchanged since its start."""

    unread = "the table or the bucket could not be read; nothing was written"
    unpublished = "all bodies are written; the listing and the switch are left"

    def __init__(
        self, prepared: PreparedCorpus, target: SnapshotTarget, item: PointerItem[Pointer], on_progress: Progress
    ) -> None:
        self._prepared = prepared
        self._item = item
        self._listings = SnapshotBucket(target.s3, target.bucket, LISTINGS)
        self._bodies = StoryTable(target.dynamodb, target.table)
        self._on_progress = on_progress
        self._started = target.now()

    def plan(self, current: Pointer | None) -> _Plan:
        listing = self._listings.whole(current.listing_key, current.sha256) if current else None
        missing = self._missing(_referenced_hashes(listing) if listing else frozenset())
        return _Plan(missing, listing == self._prepared.listing)

    def write(self, plan: _Plan) -> _Plan:
        bodies = {key: self._prepared.bodies[key] for key in plan.missing}
        writes = self._bodies.write(bodies, int(self._started.timestamp()))
        write_all(writes, len(bodies), "bodies", ", the listing and the switch", self._on_progress)
        return plan

    def publish(self, written: _Plan, current: Pointer | None) -> tuple[Pointer, bool]:
        if current and written.listing_served:
            return current, False
        pointer = Pointer(
            corpus_version=self._prepared.corpus_version,
            listing_key=self._listings.add(self._prepared.corpus_version, self._prepared.listing),
            sha256=self._prepared.sha256,
            count=self._prepared.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=current.listing_key if current else "",
        )
        switch_pointer(self._item, pointer, current)
        return pointer, True

    def clean_up(self, pointer: Pointer) -> tuple[CleanupResult, ...]:
        kept = (pointer.listing_key, pointer.previous_key)
        return (
            delete_old("bodies", lambda: self._delete_bodies(pointer)),
            delete_old("listings", lambda: self._listings.delete_old(kept, self._started - GRACE)),
        )

    def _delete_bodies(self, pointer: Pointer) -> int:
        """Delete the bodies that neither the served nor the previous catalog references."""
        listing = self._listings.read(pointer.previous_key) if pointer.previous_key else None
        previous = _referenced_hashes(listing) if listing else frozenset()
        cutoff = int((self._started - GRACE).timestamp())
        return self._bodies.delete_unreferenced(lambda key: key in self._prepared.bodies or key in previous, cutoff)

    def _missing(self, served: Collection[str]) -> list[str]:
        """Bodies to write: missing ones, and old ones that a concurrent ingest may be about to delete."""
        wanted = list(self._prepared.bodies)
        written: dict[str, int] = {}
        for found in self._bodies.written(wanted):
            written |= found
            self._on_progress(len(written), len(wanted), "check")
        stale = (self._started - GRACE / 2).timestamp()
        return [key for key in wanted if key not in written or (key not in served and written[key] < stale)]


def _referenced_hashes(listing: bytes) -> frozenset[str]:
    """Content hashes of the bodies that a catalog references."""
    return frozenset(row.tobytes().hex() for row in unpack_snapshot(listing).array("hashes"))
