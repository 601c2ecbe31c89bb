"""Ingests a corpus into the industries stack: items of a version, switch, cleanup."""

from collections.abc import Sequence

from contracts.base import Contract
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.story import Story
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.ingest.run import (
    GRACE,
    CleanupResult,
    Overtaken,
    Planned,
    Progress,
    delete_old,
    plan_ingest,
    switch_pointer,
    translate_rejection,
    write_all,
)
from lambdas.common.ingest.target import TableTarget
from lambdas.industries.answer_items import FORMAT
from lambdas.industries.answer_table import AnswerTable
from lambdas.industries.ingest.preparation import PreparedCorpus, prepare
from lambdas.industries.pointer import Pointer


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
    target: TableTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> IngestReport:
    """Plan and finish an ingest: see `plan`."""
    return plan(stories, embedder, target, on_progress, facts).finish()


def plan(
    stories: Sequence[Story],
    embedder: str,
    target: TableTarget,
    on_progress: Progress,
    facts: ProfileFacts = NO_FACTS,
) -> Planned[IngestReport]:
    """Prepare to replace the served version by one of these stories; after any failure that one is still served.

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
    with translate_rejection():
        prepared = prepare(stories, embedder, lambda done, total: on_progress(done, total, "prepare"), facts)
    item = PointerItem(target.dynamodb, target.table, Pointer)
    planned = plan_ingest(_Steps(prepared, target, item, on_progress), item, on_progress)

    def finish() -> IngestReport:
        result = planned.finish()
        (cleanup,) = result.cleanups
        return IngestReport(
            corpus_version=result.pointer.corpus_version,
            edition=result.pointer.edition,
            industries=prepared.industries,
            items_written=result.written,
            switched=result.switched,
            items_retired=cleanup.deleted,
            retire_problem=result.cleanup_problem,
        )

    return Planned(planned.current.corpus_version if planned.current else "", finish)


class _Steps:
    """The steps of one run; publishing switches only if the pointer is unchanged since its start."""

    unread = "the table could not be read; nothing was written"
    unpublished = "all items are written; the switch is left"

    def __init__(
        self, prepared: PreparedCorpus, target: TableTarget, item: PointerItem[Pointer], on_progress: Progress
    ) -> None:
        self._prepared = prepared
        self._item = item
        self._items = AnswerTable(target.dynamodb, target.table)
        self._on_progress = on_progress
        self._started = target.now()

    def plan(self, current: Pointer | None) -> list[str]:
        """Items to write: missing ones, and old ones that a concurrent ingest may be about to delete."""
        written = self._items.written(self._prepared.edition)
        self._on_progress(len(written), len(self._prepared.items), "check")
        served = current is not None and current.edition == self._prepared.edition
        stale = 0.0 if served else (self._started - GRACE / 2).timestamp()
        return [name for name in self._prepared.items if name not in written or written[name] < stale]

    def write(self, missing: list[str]) -> int:
        items = {name: self._prepared.items[name] for name in missing}
        writes = self._items.write(self._prepared.edition, items, int(self._started.timestamp()))
        write_all(writes, len(items), "items", " and the switch", self._on_progress)
        return len(items)

    def publish(self, _written: int, current: Pointer | None) -> tuple[Pointer, bool]:
        if current is not None and current.edition == self._prepared.edition:
            return current, False
        pointer = Pointer(
            edition=self._prepared.edition,
            corpus_version=self._prepared.corpus_version,
            format=FORMAT,
            ingested_at=self._started.isoformat(timespec="microseconds"),
            previous=current.edition if current else "",
        )
        try:
            switch_pointer(self._item, pointer, current)
        except Overtaken:
            served = self._item.read_latest()
            if served is not None and served.edition == pointer.edition:
                return served, False
            raise
        return pointer, True

    def clean_up(self, pointer: Pointer) -> tuple[CleanupResult, ...]:
        kept, before = (pointer.edition, pointer.previous), int((self._started - GRACE).timestamp())
        return (delete_old("items", lambda: self._items.delete_other_versions(kept, before)),)
