"""Ingests a corpus into the industries stack: items of a version, switch, cleanup."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.ingest.limits import CorpusRejected
from lambdas.common.ingest.run import (
    GRACE,
    IngestError,
    Overtaken,
    Progress,
    progress_phase,
    switch,
    translate_aws_errors,
    write_all,
)
from lambdas.industries.answer_items import FORMAT
from lambdas.industries.answer_table import AnswerTable
from lambdas.industries.ingest.preparation import PreparedCorpus, prepare
from lambdas.industries.pointer import Pointer, pointer_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class IngestTarget:
    """The stack to fill: table and client."""

    dynamodb: "DynamoDBClient"
    table: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class IngestReport(Contract):
    """Result of an ingest. `retire_problem` is "" unless the cleanup failed, which does not affect answers."""

    corpus_version: str
    edition: str
    industries: int
    items_written: int
    switched: bool
    items_retired: int
    retire_problem: str


def ingest(
    stories: Sequence[Story],
    embedder: str,
    target: IngestTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Replace the served version by one of these stories; after any failure the previous version is still served.

    A stopped run resumes when it is repeated; a run on the served version writes nothing.

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
        prepared = prepare(stories, embedder, lambda done, total: on_progress(done, total, "prepare"), facts)
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
        self._items = AnswerTable(target.dynamodb, target.table)
        self._started = target.now()

    def run(self) -> IngestReport:
        with translate_aws_errors("the table could not be read; nothing was written"):
            seen = self._item.read_latest()
            missing = self._missing(seen)
        self._write(missing)
        with (
            progress_phase("publish", self._on_progress),
            translate_aws_errors("all items are written; the switch is left"),
        ):
            pointer, switched = self._publish(seen)
        with progress_phase("retire", self._on_progress):
            cleanup = clean_up(self._items, pointer, self._started)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            edition=pointer.edition,
            industries=self._prepared.industries,
            items_written=len(missing),
            switched=switched,
            items_retired=cleanup.items,
            retire_problem=cleanup.problem,
        )

    def _missing(self, seen: Pointer | None) -> list[str]:
        """Items to write: missing ones, and old ones that a concurrent ingest may be about to delete."""
        written = self._items.written(self._prepared.edition)
        self._on_progress(len(written), len(self._prepared.items), "check")
        served = seen is not None and seen.edition == self._prepared.edition
        stale = 0.0 if served else (self._started - GRACE / 2).timestamp()
        return [name for name in self._prepared.items if name not in written or written[name] < stale]

    def _write(self, missing: list[str]) -> None:
        items = {name: self._prepared.items[name] for name in missing}
        writes = self._items.write(self._prepared.edition, items, int(self._started.timestamp()))
        write_all(writes, len(items), "items", " and the switch", self._on_progress)

    def _publish(self, seen: Pointer | None) -> tuple[Pointer, bool]:
        """Switch to the new version if the pointer is unchanged; returns the pointer and whether this run switched."""
        if seen is not None and seen.edition == self._prepared.edition:
            return seen, False
        pointer = Pointer(
            edition=self._prepared.edition,
            corpus_version=self._prepared.corpus_version,
            format=FORMAT,
            ingested_at=self._started.isoformat(timespec="microseconds"),
            previous=seen.edition if seen else "",
        )
        try:
            switch(self._item, pointer, seen)
        except Overtaken:
            served = self._item.read_latest()
            if served is not None and served.edition == pointer.edition:
                return served, False
            raise
        return pointer, True


@dataclass(frozen=True)
class CleanupResult:
    items: int = 0
    problem: str = ""


def clean_up(items: AnswerTable, pointer: Pointer, now: datetime) -> CleanupResult:
    """Delete items older than `GRACE` of other versions. A failure is reported, not raised: the switch is done."""
    try:
        return CleanupResult(
            items.delete_other_versions((pointer.edition, pointer.previous), int((now - GRACE).timestamp()))
        )
    except (BotoCoreError, ClientError) as error:
        return CleanupResult(problem=f"old items are still there: {type(error).__name__}")
