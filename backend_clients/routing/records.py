"""What happened, on disk: every routed call and comparison, written off the visitor's path."""

import json
import logging
import queue
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.routing.redaction import redact_json

_log = logging.getLogger(__name__)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,
    origin TEXT NOT NULL, reason TEXT NOT NULL, fell_back INTEGER NOT NULL, failed INTEGER NOT NULL,
    latency_ms REAL NOT NULL, cold_start INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS comparisons (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,
    outcome TEXT NOT NULL, layer TEXT NOT NULL, legacy_ms REAL, lambda_ms REAL, cold_start INTEGER NOT NULL,
    request TEXT NOT NULL, differences TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS calls_by_domain ON calls (domain, stage, id);
CREATE INDEX IF NOT EXISTS comparisons_by_domain ON comparisons (domain, stage, id);
"""
_CALL: Final = "INSERT INTO calls VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COMPARISON: Final = "INSERT INTO comparisons VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One routed call as the visitor saw it."""

    domain: str
    operation: str
    stage: str
    origin: str
    reason: str
    fell_back: bool
    failed: bool
    latency_ms: float
    cold_start: bool
    at: float = field(default_factory=time.time)

    def statement(self) -> tuple[str, tuple[Any, ...]]:
        return _CALL, (
            self.at, self.domain, self.operation, self.stage, self.origin, self.reason, self.fell_back, self.failed,
            self.latency_ms, self.cold_start,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComparisonRecord:
    """One comparison of both sides. The request is redacted when it is written."""

    domain: str
    operation: str
    stage: str
    outcome: str
    layer: str
    legacy_ms: float | None
    lambda_ms: float | None
    cold_start: bool
    request: BaseModel
    differences: tuple[str, ...] = ()
    at: float = field(default_factory=time.time)

    def statement(self) -> tuple[str, tuple[Any, ...]]:
        request = redact_json(self.request.model_dump(mode="json", exclude_defaults=True))
        return _COMPARISON, (
            self.at, self.domain, self.operation, self.stage, self.outcome, self.layer, self.legacy_ms,
            self.lambda_ms, self.cold_start, json.dumps(request, ensure_ascii=False),
            json.dumps(redact_json(list(self.differences)), ensure_ascii=False),
        )  # fmt: skip


class Recorder:
    """Writes records to SQLite on a thread of its own.

    A full queue, a full disk or a locked database loses records, which `lost` counts; the caller never waits.
    """

    def __init__(self, path: Path, row_cap: int, queue_size: int = 10_000) -> None:
        self._path = path
        self._row_cap = row_cap
        self._queue: queue.Queue[CallRecord | ComparisonRecord | threading.Event | None] = queue.Queue(queue_size)
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="migration-records", daemon=True)
        self._thread.start()

    def record(self, record: CallRecord | ComparisonRecord) -> None:
        try:
            self._queue.put_nowait(record)
        except queue.Full:
            self.lost += 1

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything recorded so far is written or lost; False if that took longer than `timeout` s."""
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
            try:
                connection = connection or self._open()
                self._write(connection, batch)
            except Exception as error:  # noqa: BLE001  a record that cannot be written must not end the writer
                self.lost += len(batch)
                _log.warning("%d migration records lost: %s", len(batch), error)
                _discard(connection)
                connection = None
            for event in waiting:
                event.set()
            if stop:
                _discard(connection)
                return

    def _next_batch(self) -> tuple[list[CallRecord | ComparisonRecord], list[threading.Event], bool]:
        batch: list[CallRecord | ComparisonRecord] = []
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

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=2.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
        return connection

    def _write(self, connection: sqlite3.Connection, batch: list[CallRecord | ComparisonRecord]) -> None:
        with connection:
            for record in batch:
                connection.execute(*record.statement())
            for table in ("calls", "comparisons"):
                connection.execute(
                    f"DELETE FROM {table} WHERE id <= (SELECT MAX(id) FROM {table}) - ?", (self._row_cap,)
                )


def _discard(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
