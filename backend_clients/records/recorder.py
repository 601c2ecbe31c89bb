"""Writes a record of every routed call and comparison to SQLite, in the background."""

import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend_clients.records.rows import CallRecord, ComparisonRecord, Record, Row
from backend_clients.records.schema import drop_older, keep_newest, keep_newest_requests, opened

_log = logging.getLogger(__name__)

_CALL: Final = (
    "INSERT INTO calls (at, domain, operation, stage, origin, reason, fell_back, failed, latency_ms, cold_start)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_COMPARISON: Final = (
    "INSERT INTO comparisons (at, domain, operation, stage, outcome, layer, legacy_ms, lambda_ms, cold_start, request,"
    " differences, legacy_payload, lambda_payload, versions, cut) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_REQUEST: Final = "INSERT INTO requests (at, domain, operation, request) VALUES (?, ?, ?, ?)"
_BATCH: Final = 500
_AGEING_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one batch."""

    calls: list[Row]
    comparisons: list[Row]
    requests: list[Row]
    asked: frozenset[str]  # domains of the requests

    def __len__(self) -> int:
        return len(self.calls) + len(self.comparisons)


class Recorder:
    """Writes records to SQLite on a thread of its own.

    A full queue, a full disk or a locked database loses records, which `lost` counts; the caller never waits.

    Parameters
    ----------
    row_cap, days
        Limits of the calls and of the comparisons kept: number and age.
    requests
        Number of requests kept per domain, the newest.
    watch
        Called with every record on the recorder's thread, before it is written.
    """

    def __init__(
        self,
        path: Path,
        row_cap: int,
        queue_size: int = 10_000,
        *,
        days: float = 30.0,
        requests: int = 0,
        watch: Callable[[Record], None] | None = None,
    ) -> None:
        self._path = path
        self._row_cap = row_cap
        self._days = days
        self._requests = requests
        self._watch = watch
        self._queue: queue.Queue[Record | threading.Event | None] = queue.Queue(queue_size)
        self._counting = threading.Lock()
        self._aged_at: float | None = None
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="migration-records", daemon=True)
        self._thread.start()

    def record(self, record: Record) -> None:
        try:
            self._queue.put_nowait(record)
        except queue.Full:
            self._lose(1)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until all records so far are written or lost; returns False after `timeout` seconds."""
        done = threading.Event()
        try:
            self._queue.put(done, timeout=timeout)
        except queue.Full:
            return False
        return done.wait(timeout)

    def close(self) -> None:
        self.flush()
        try:
            self._queue.put(None, timeout=1.0)
        except queue.Full:
            return
        self._thread.join(timeout=5.0)

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            batch, waiting, stop = self._next_batch()
            for record in batch:
                self._show(record)
            rows = self._rows_of(batch)
            try:
                connection = connection or opened(self._path)
                self._write(connection, rows)
            except Exception as error:  # noqa: BLE001  a failed write must not end the thread
                self._lose(len(rows))
                _log.warning("%d migration records lost: %s", len(rows), error)
                _discard(connection)
                connection = None
            for event in waiting:
                event.set()
            if stop:
                _discard(connection)
                return

    def _next_batch(self) -> tuple[list[Record], list[threading.Event], bool]:
        batch: list[Record] = []
        waiting: list[threading.Event] = []
        item = self._queue.get()
        while True:
            if item is None:
                return batch, waiting, True
            if isinstance(item, threading.Event):
                waiting.append(item)
            else:
                batch.append(item)
            if len(batch) >= _BATCH:
                return batch, waiting, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, waiting, False

    def _show(self, record: Record) -> None:
        if self._watch is None:
            return
        try:
            self._watch(record)
        except Exception:  # noqa: BLE001  a failing watcher must not prevent the write
            _log.exception("watching the migration records failed")

    def _rows_of(self, batch: Sequence[Record]) -> _Rows:
        calls = [record for record in batch if isinstance(record, CallRecord)]
        asked = [record for record in calls if record.request is not None] if self._requests else []
        return _Rows(
            self._storable(record.row for record in calls),
            self._storable(record.row for record in batch if isinstance(record, ComparisonRecord)),
            self._storable(record.request_row for record in asked),
            frozenset(record.domain for record in asked),
        )

    def _storable(self, makers: Iterable[Callable[[], Row]]) -> list[Row]:
        """Build the rows; a record that cannot be stored is lost without the rest of its batch."""
        rows = []
        for make in makers:
            try:
                rows.append(tuple(_valid(value) for value in make()))
            except Exception as error:  # noqa: BLE001  a request may hold any value
                self._lose(1)
                _log.warning("a migration record cannot be stored: %s", error)
        return rows

    def _write(self, connection: sqlite3.Connection, rows: _Rows) -> None:
        if not rows:
            return
        ageing = self._aged_at is None or time.monotonic() - self._aged_at > _AGEING_SECONDS
        with _transaction(connection):
            if ageing:
                drop_older(connection, self._days)
            connection.executemany(_CALL, rows.calls)
            connection.executemany(_COMPARISON, rows.comparisons)
            connection.executemany(_REQUEST, rows.requests)
            keep_newest(connection, self._row_cap)
            keep_newest_requests(connection, rows.asked, self._requests)
        if ageing:
            self._aged_at = time.monotonic()

    def _lose(self, records: int) -> None:
        with self._counting:
            self.lost += records


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _valid(value: Any) -> Any:
    """Replace lone surrogates, which SQLite cannot store, by question marks."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _discard(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
