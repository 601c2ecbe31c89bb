"""The repair ledger: writes that may be missing on one side, committed to disk before they are made."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend_clients.errors import Unavailable
from backend_clients.routed import Origin
from backend_clients.storage.sqlite import add_column, open_database, read_only

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS repairs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL,
    key TEXT NOT NULL, owed_by TEXT NOT NULL, request TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '', due REAL NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS repairs_by_key ON repairs (domain, key, id);
"""
_SELECT: Final = "SELECT id, at, domain, operation, key, owed_by, request, attempts, last_error, due FROM repairs"
_LEASE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """A write that may be missing on `missing_on`. Writes are ordered by `key`: the conversation, for ask.

    The entry is leased until `due`, in Unix seconds.
    """

    id: int
    at: float
    domain: str
    operation: str
    key: str
    missing_on: Origin
    request: dict[str, Any]
    attempts: int
    last_error: str
    due: float


class Ledger:
    """Commits an entry before its write is made, so that a kill between the two sides loses nothing.

    Parameters
    ----------
    lease
        Seconds that an entry is leased to one process: twice the longest write, since the second write starts within
        the first half or is left to a repair. Entries of a killed process become claimable when the lease expires.
    """

    def __init__(self, path: Path, lease: float = _LEASE_SECONDS) -> None:
        self._path = path
        self.lease = lease
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._reading_lock = threading.Lock()
        self._reader: sqlite3.Connection | None = None

    def add(self, domain: str, operation: str, key: str, missing_on: Origin, request: dict[str, Any]) -> int:
        """Add a write that is about to be made; returns the entry's number."""
        body = json.dumps(request, ensure_ascii=False)
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            now = time.time()  # read under the lock: an earlier reading would shorten the lease by the wait for it
            cursor = connection.execute(
                "INSERT INTO repairs (at, domain, operation, key, owed_by, request, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (now, domain, operation, key, missing_on.value, body, now + self.lease),
            )
            return int(cursor.lastrowid or 0)

    def resolve(self, entry: int) -> None:
        """Remove an entry whose write is on both sides."""
        with self._writing() as connection:
            connection.execute("DELETE FROM repairs WHERE id = ?", (entry,))

    def failed(self, entry: int, error: str) -> None:
        """Keep the entry as pending with the error, and release it for the next repair."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE repairs SET attempts = attempts + 1, last_error = ?, due = 0 WHERE id = ?", (error[:500], entry)
            )

    def release(self, entry: int) -> None:
        """End the lease of an entry, which is still pending."""
        with self._writing() as connection:
            connection.execute("UPDATE repairs SET due = 0 WHERE id = ?", (entry,))

    def may_replicate_now(self, domain: str, key: str, entry: int) -> bool:
        """Whether the write may go to the other side now; otherwise it is left to a repair.

        Returns False while an earlier write under the same key is pending, or after half the lease, when a repair may
        soon claim the entry.
        """
        with self._writing() as connection:
            first = connection.execute(
                "SELECT id, at FROM repairs WHERE domain = ? AND key = ? ORDER BY id LIMIT 1", (domain, key)
            ).fetchone()
        if first is None or first[0] > entry:
            return False
        if first[0] < entry:
            self.release(entry)
            return False
        return bool(time.time() < first[1] + self.lease / 2)

    def claim(self, domain: str, key: str) -> list[PendingWrite]:
        """Lease all pending writes under one key, oldest first; returns none while another process holds the lease."""
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            now = time.time()  # read under the lock: to an earlier reading a lease granted since seems too long
            rows = connection.execute(f"{_SELECT} WHERE domain = ? AND key = ? ORDER BY id", (domain, key)).fetchall()
            repairs = [_repair(row) for row in rows]
            if any(now < repair.due <= now + self.lease for repair in repairs):
                return []
            connection.execute(
                "UPDATE repairs SET due = ? WHERE domain = ? AND key = ?", (now + self.lease, domain, key)
            )
        return repairs

    def renew(self, repairs: Sequence[PendingWrite]) -> None:
        """Renew the lease of claimed entries; entries added under the key since are not included."""
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            due = time.time() + self.lease
            connection.executemany("UPDATE repairs SET due = ? WHERE id = ?", [(due, repair.id) for repair in repairs])

    def lagging_sides(self, domain: str, key: str) -> frozenset[Origin]:
        """The sides with pending writes under a key."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT owed_by FROM repairs WHERE domain = ? AND key = ?", (domain, key)
            ).fetchall()
        return frozenset(Origin(row[0]) for row in rows)

    def open_repairs(self, domain: str | None = None, limit: int = 1000, older_than: float = 0.0) -> list[PendingWrite]:
        """Pending writes, oldest first; only those at least `older_than` seconds old."""
        with self._reading() as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE (:domain IS NULL OR domain = :domain) AND at <= :before ORDER BY id LIMIT :limit",
                {"domain": domain, "before": time.time() - older_than, "limit": limit},
            ).fetchall()
        return [_repair(row) for row in rows]

    def claimable_keys(self, domain: str) -> list[str]:
        """Keys with pending writes and no lease in force, the oldest first.

        A lease never ends later than one lease from now: a later `due` dates from before the clock was set back.
        """
        with self._writing() as connection:
            now = time.time()
            rows = connection.execute(
                "SELECT key FROM repairs WHERE domain = ? GROUP BY key"
                " HAVING NOT MAX(due > ? AND due <= ?) ORDER BY MIN(id)",
                (domain, now, now + self.lease),
            ).fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        with self._reading_lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
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

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A separate connection: writes may wait for another process, and visitors' reads must not wait for writes."""
        with self._reading_lock:
            try:
                if self._reader is None:
                    with self._writing():  # creates the file, or migrates an older one
                        self._reader = read_only(self._path, across_threads=True)
                yield self._reader
            except (sqlite3.Error, OSError) as error:
                raise Unavailable("the repair ledger cannot be read") from error

    def _open(self) -> sqlite3.Connection:
        connection = open_database(self._path, across_threads=True)
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(_SCHEMA)
        add_column(connection, "repairs", "due", "REAL NOT NULL DEFAULT 0")
        return connection


def _repair(row: tuple[Any, ...]) -> PendingWrite:
    number, at, domain, operation, key, side, request, attempts, error, due = row
    return PendingWrite(number, at, domain, operation, key, Origin(side), json.loads(request), attempts, error, due)
