"""Ingests a corpus into the stories stack: bodies, catalog, switch, cleanup."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.aws.snapshot_bucket import SnapshotBucket
from lambdas.common.ingest.limits import CorpusRejected
from lambdas.common.ingest.run import (
    GRACE,
    IngestError,
    Progress,
    progress_phase,
    switch,
    translate_aws_errors,
    write_all,
)
from lambdas.stories.ingest.cleanup import clean_up, referenced_hashes
from lambdas.stories.ingest.preparation import PreparedCorpus, prepare
from lambdas.stories.pointer import Pointer, pointer_item
from lambdas.stories.story_table import StoryTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

LISTINGS: Final = "listings/"


@dataclass(frozen=True)
class IngestTarget:
    """The stack to fill: table, bucket and clients."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    table: str
    bucket: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


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
    target: IngestTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Replace the served corpus by these stories; after any failure the previous corpus is still served.

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
    try:
        prepared = prepare(stories, embedder, lambda done: on_progress(done, len(stories), "prepare"), facts)
    except CorpusRejected as error:
        raise IngestError(f"{error}; nothing was written") from error
    return _Ingest(prepared, target, on_progress).run()


class _Ingest:
    """One run; switches only if the pointer is unchanged since its start."""

    def __init__(self, prepared: PreparedCorpus, target: IngestTarget, on_progress: Progress) -> None:
        self._prepared = prepared
        self._target = target
        self._on_progress = on_progress
        self._item = pointer_item(target.dynamodb, target.table)
        self._listings = SnapshotBucket(target.s3, target.bucket, LISTINGS)
        self._bodies = StoryTable(target.dynamodb, target.table)
        self._started = target.now()

    def run(self) -> IngestReport:
        with translate_aws_errors("the table or the bucket could not be read; nothing was written"):
            seen = self._item.read_latest()
            listing = self._listings.whole(seen.listing_key, seen.sha256) if seen else None
            missing = self._missing(referenced_hashes(listing) if listing else frozenset())
        self._write(missing)
        publishing = translate_aws_errors("all bodies are written; the listing and the switch are left")
        with progress_phase("publish", self._on_progress), publishing:
            pointer = seen if seen and listing == self._prepared.listing else self._switch(seen)
        with progress_phase("retire", self._on_progress):
            cleanup = clean_up(self._listings, self._bodies, pointer, self._prepared.bodies, self._started)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            stories=pointer.count,
            bodies_written=len(missing),
            listing_key=pointer.listing_key,
            listing_bytes=len(self._prepared.listing),
            switched=pointer != seen,
            bodies_retired=cleanup.bodies,
            listings_retired=cleanup.listings,
            retire_problem=cleanup.problem,
        )

    def _missing(self, served: Collection[str]) -> list[str]:
        """Bodies to write: missing ones, and old ones that a concurrent ingest may be about to delete."""
        wanted = list(self._prepared.bodies)
        written: dict[str, int] = {}
        for found in self._bodies.written(wanted):
            written |= found
            self._on_progress(len(written), len(wanted), "check")
        stale = (self._started - GRACE / 2).timestamp()
        return [key for key in wanted if key not in written or (key not in served and written[key] < stale)]

    def _write(self, missing: list[str]) -> None:
        bodies = {key: self._prepared.bodies[key] for key in missing}
        writes = self._bodies.write(bodies, int(self._started.timestamp()))
        write_all(writes, len(bodies), "bodies", ", the listing and the switch", self._on_progress)

    def _switch(self, seen: Pointer | None) -> Pointer:
        """Store the catalog and switch to it, provided that the pointer is unchanged."""
        pointer = Pointer(
            corpus_version=self._prepared.corpus_version,
            listing_key=self._listings.add(self._prepared.corpus_version, self._prepared.listing),
            sha256=self._prepared.sha256,
            count=self._prepared.count,
            ingested_at=self._started.isoformat(timespec="seconds"),
            previous_key=seen.listing_key if seen else "",
        )
        switch(self._item, pointer, seen)
        return pointer
