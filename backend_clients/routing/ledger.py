"""The repair ledger: writes that one side has and the other may lack, on disk before they are made."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend_clients.errors import Unavailable
from backend_clients.routed import Origin

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS repairs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL,
    key TEXT NOT NULL, owed_by TEXT NOT NULL, request TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS repairs_by_key ON repairs (domain, key, id);
"""
_SELECT: Final = "SELECT id, at, domain, operation, key, owed_by, request, attempts, last_error FROM repairs"


@dataclass(frozen=True, slots=True)
class Repair:
    """A write that `owed_by` may lack. `key` is what writes are ordered by: the conversation, for ask."""

    id: int
    at: float
    domain: str
    operation: str
    key: str
    owed_by: Origin
    request: dict[str, Any]
    attempts: int
    last_error: str


class Ledger:
    """Entries are committed before the writes they stand for, so that a kill between two sides loses nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def add(self, domain: str, operation: str, key: str, owed_by: Origin, request: dict[str, Any]) -> int:
        """Note a write that is about to be made; returns the entry's number."""
        with self._writing() as connection:
            cursor = connection.execute(
                "INSERT INTO repairs (at, domain, operation, key, owed_by, request) VALUES (?, ?, ?, ?, ?, ?)",
                (time.time(), domain, operation, key, owed_by.value, json.dumps(request, ensure_ascii=False)),
            )
            return int(cursor.lastrowid or 0)

    def settle(self, entry: int) -> None:
        """Both sides agree about this write."""
        with self._writing() as connection:
            connection.execute("DELETE FROM repairs WHERE id = ?", (entry,))

    def failed(self, entry: int, error: str) -> None:
        """The write is still owed, and why."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE repairs SET attempts = attempts + 1, last_error = ? WHERE id = ?", (error[:500], entry)
            )

    def owed_before(self, domain: str, key: str, entry: int) -> bool:
        """Whether an earlier write under the same key is still owed, so that this one has to wait its turn."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT 1 FROM repairs WHERE domain = ? AND key = ? AND id < ? LIMIT 1", (domain, key, entry)
            ).fetchone()
        return row is not None

    def owing(self, domain: str, key: str) -> frozenset[Origin]:
        """The sides that owe writes under a key."""
        with self._writing() as connection:
            rows = connection.execute(
                "SELECT DISTINCT owed_by FROM repairs WHERE domain = ? AND key = ?", (domain, key)
            ).fetchall()
        return frozenset(Origin(row[0]) for row in rows)

    def open_repairs(self, domain: str | None = None, limit: int = 1000, older_than: float = 0.0) -> list[Repair]:
        """What is owed, oldest first; only what has been owed for `older_than` seconds."""
        with self._writing() as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE (:domain IS NULL OR domain = :domain) AND at <= :before ORDER BY id LIMIT :limit",
                {"domain": domain, "before": time.time() - older_than, "limit": limit},
            ).fetchall()
        return [_repair(row) for row in rows]

    def under(self, domain: str, key: str) -> list[Repair]:
        """All that is owed under one key, oldest first."""
        with self._writing() as connection:
            rows = connection.execute(f"{_SELECT} WHERE domain = ? AND key = ? ORDER BY id", (domain, key)).fetchall()
        return [_repair(row) for row in rows]

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._open()
                with self._connection:
                    yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise Unavailable("the repair ledger cannot be written") from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)
        return connection


def _repair(row: tuple[Any, ...]) -> Repair:
    number, at, domain, operation, key, side, request, attempts, error = row
    return Repair(number, at, domain, operation, key, Origin(side), json.loads(request), attempts, error)
