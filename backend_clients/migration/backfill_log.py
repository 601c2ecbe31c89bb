"""Progress of a domain's backfill, and the results of verifications."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from backend_clients.storage.sqlite import columns_of, open_database, reading

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS backfill (domain TEXT PRIMARY KEY, done_through TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS verifications (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, sessions INTEGER NOT NULL,
    different INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of comparing all sessions, and its time."""

    at: float
    sessions: int
    different: int

    @property
    def clean(self) -> bool:
        return self.different == 0


class BackfillLog:
    """Progress of backfills and results of verifications, in the file that holds the migration records."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def done_through(self, domain: str) -> str:
        row = self._latest("backfill", "SELECT done_through FROM backfill WHERE domain = ?", domain)
        return str(row[0]) if row else ""

    def note(self, domain: str, session_id: str) -> None:
        with closing(self._open()) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO backfill VALUES (?, ?)", (domain, session_id))

    def add_verification(self, domain: str, sessions: int, different: int) -> None:
        with closing(self._open()) as connection, connection:
            connection.execute(
                "INSERT INTO verifications (at, domain, sessions, different) VALUES (?, ?, ?, ?)",
                (time.time(), domain, sessions, different),
            )

    def last_verification(self, domain: str) -> Verification | None:
        select = "SELECT at, sessions, different FROM verifications WHERE domain = ? ORDER BY id DESC LIMIT 1"
        row = self._latest("verifications", select, domain)
        return Verification(*row) if row else None

    def _latest(self, table: str, select: str, domain: str) -> tuple[Any, ...] | None:
        with reading(self._path) as connection:
            if connection is None or not columns_of(connection, table):
                return None
            row: tuple[Any, ...] | None = connection.execute(select, (domain,)).fetchone()
        return row

    def _open(self) -> sqlite3.Connection:
        connection = open_database(self._path)
        connection.executescript(_SCHEMA)
        return connection
