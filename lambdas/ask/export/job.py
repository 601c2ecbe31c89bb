"""The nightly export: closed conversations, a line a turn, in objects by date.

A part is first pointed at, then written, then noted session by session. A run that is killed anywhere leaves a pointer
from which the next one writes the same object again: no session is missed, and none is in two objects unless it was
taken up again after it had been exported. Then it is exported again as a whole, and the later line of a turn counts.
Before and after its parts a run takes what was forgotten out of the objects of earlier runs.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from contracts.base import Contract
from lambdas.ask.conversations.items import FEEDBACK, Item, turn_json
from lambdas.ask.export.multipart_object import ExportObject
from lambdas.ask.export.progress import Due, ExportLog, Part
from lambdas.ask.export.rewriting import remove_sessions
from lambdas.ask.settings import export_settings
from lambdas.common.aws.clients import dynamodb_client, s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CLOSED_AFTER: Final = 24 * 3600  # seconds in which nothing has happened
SESSIONS_A_PART: Final = 100
TOMBSTONE_SECONDS: Final = 7 * 24 * 3600  # far longer than a run takes
FOLDER: Final = "conversations"


class ExportReport(Contract):
    """What a run did; `finished` is False when it ran out of time and left some for the next.

    `rewritten` counts objects from which forgotten conversations were removed.
    """

    parts: int = 0
    sessions: int = 0
    turns: int = 0
    rewritten: int = 0
    finished: bool = True


@dataclass(frozen=True)
class Export:
    """Writes closed conversations to a bucket. `now` is in seconds since the epoch."""

    log: ExportLog
    s3: "S3Client"
    bucket: str
    now: Callable[[], float] = time.time

    def run(self, enough_time: Callable[[], bool]) -> ExportReport:
        """Export what is due, as long as there is time for another part.

        Raises
        ------
        BotoCoreError, ClientError
            Table or bucket do not answer; the next run goes on from there.
        """
        rewritten, finished = self._remove_forgotten(enough_time)
        report = ExportReport(rewritten=rewritten, finished=finished)
        if finished:
            report = self._write_parts(report, enough_time)
        if report.finished:  # what was forgotten while the parts were written
            rewritten, finished = self._remove_forgotten(enough_time)
            report = report.model_copy(update={"rewritten": report.rewritten + rewritten, "finished": finished})
        return report

    def _write_parts(self, report: ExportReport, enough_time: Callable[[], bool]) -> ExportReport:
        for part in self._parts():
            turns = self._write(part)
            report = ExportReport(
                parts=report.parts + 1,
                sessions=report.sessions + len(part.sessions),
                turns=report.turns + turns,
                rewritten=report.rewritten,
                finished=enough_time(),
            )
            if not report.finished:
                break
        return report

    def _remove_forgotten(self, enough_time: Callable[[], bool]) -> tuple[int, bool]:
        """Rewrite the objects that hold forgotten sessions; returns their number and whether all are done."""
        rewritten = 0
        for key, sessions in self.log.forgotten().items():
            if rewritten and not enough_time():
                return rewritten, False
            remove_sessions(self.s3, self.bucket, key, sessions)
            self.log.rewritten(key, sessions)
            rewritten += 1
        self.log.expire_tombstones(int(self.now()) + TOMBSTONE_SECONDS)
        return rewritten, True

    def _parts(self) -> Iterator[Part]:
        """The part that an earlier run left, then those that are due now."""
        if (left := self.log.unfinished()) is not None:
            yield left
        date = time.strftime("%Y-%m-%d", time.gmtime(self.now()))
        due = self.log.due(int(self.now()) - CLOSED_AFTER)
        while sessions := tuple(islice(due, SESSIONS_A_PART)):
            part = Part(f"{FOLDER}/date={date}/{uuid.uuid4().hex}.jsonl", sessions)
            if not self.log.begin(part):
                return  # another run is at work
            yield part

    def _write(self, part: Part) -> int:
        """Write a part, or write it again; returns its turns."""
        counts: dict[Due, int] = dict.fromkeys(part.sessions, 0)
        with ExportObject(self.s3, self.bucket, part.key) as lines:
            for due in part.sessions:
                for item in self.log.turns(due.session_id):
                    lines.add(_line(item))
                    counts[due] += 1
        for due, turns in counts.items():
            if turns:
                self.log.exported(due, part.key)
            else:
                self.log.drop(due)
        self.log.finish(part)
        return sum(counts.values())


def _line(item: Item) -> bytes:
    """A turn as JSON, with the verdict on it."""
    verdict = item[FEEDBACK]["S"].encode() if FEEDBACK in item else b"null"
    return turn_json(item).removesuffix(b"}") + b',"feedback":' + verdict + b"}"


@cache
def export() -> Export:
    """The export of this process."""
    settings = export_settings()
    return Export(ExportLog(dynamodb_client(), settings.table_name), s3_client(), settings.export_bucket)
