"""Bringing a corpus into the industries stack: an edition's items, then the switch, then the tidying up."""

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
from lambdas.industries.answer_table import ItemTable
from lambdas.industries.ingest.preparation import PreparedCorpus, prepare
from lambdas.industries.pointer import Pointer, pointer_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class IngestTarget:
    """The stack to fill: its table, and a client to reach it."""

    dynamodb: "DynamoDBClient"
    table: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class IngestReport(Contract):
    """What an ingest did. `retire_problem` is "" unless tidying up failed, which harms no answer."""

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
    """Answer from these stories from now on or, if anything fails, from those that were served before.

    A run that was stopped goes on where it was; a run on what is served already writes nothing.

    Parameters
    ----------
    embedder
        Its name, which is part of the corpus version.
    facts
        The owner's, which are part of the corpus version too.
    on_progress
        Called with what is done, what there is to do, and the phase: prepare, check, write, publish, retire.

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
    """One run, from the pointer it saw at the start."""

    def __init__(self, prepared: PreparedCorpus, target: IngestTarget, on_progress: Progress) -> None:
        self._prepared = prepared
        self._target = target
        self._on_progress = on_progress
        self._item = pointer_item(target.dynamodb, target.table)
        self._items = ItemTable(target.dynamodb, target.table)
        self._started = target.now()

    def run(self) -> IngestReport:
        with translate_aws_errors("the table could not be read; nothing was written"):
            seen = self._item.seen()
            missing = self._missing(seen)
        self._write(missing)
        with (
            progress_phase("publish", self._on_progress),
            translate_aws_errors("all items are written; the switch is left"),
        ):
            pointer, switched = self._publish(seen)
        with progress_phase("retire", self._on_progress):
            retired = retire(self._items, pointer, self._started)
        return IngestReport(
            corpus_version=pointer.corpus_version,
            edition=pointer.edition,
            industries=self._prepared.industries,
            items_written=len(missing),
            switched=switched,
            items_retired=retired.items,
            retire_problem=retired.problem,
        )

    def _missing(self, seen: Pointer | None) -> list[str]:
        """Items to write: those not there, and those that another ingest may be about to retire."""
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
        """Point at the new edition if the pointer is what was seen; say whether it was this run that did."""
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
            served = self._item.seen()
            if served is not None and served.edition == pointer.edition:
                return served, False
            raise
        return pointer, True


@dataclass(frozen=True)
class CleanupResult:
    items: int = 0
    problem: str = ""


def retire(items: ItemTable, pointer: Pointer, now: datetime) -> CleanupResult:
    """Delete what is older than `GRACE` and of neither edition. A failure is told, not raised: the switch is made."""
    try:
        return CleanupResult(items.retire((pointer.edition, pointer.previous), int((now - GRACE).timestamp())))
    except (BotoCoreError, ClientError) as error:
        return CleanupResult(problem=f"old items are still there: {type(error).__name__}")
