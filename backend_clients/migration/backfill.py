"""Copying old conversations to the Lambda side, and proving that both sides hold the same."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend_clients.ask.conversations import Conversations, checksum, reconcile
from backend_clients.ask.history import ConversationStore

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS backfill (domain TEXT PRIMARY KEY, done_through TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS verifications (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, sessions INTEGER NOT NULL,
    different INTEGER NOT NULL);
"""

OnSession = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A session that the sides hold differently, with their numbers of turns."""

    session_id: str
    legacy_turns: int
    lambda_turns: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of all sessions found, and when."""

    at: float
    sessions: int
    different: int

    @property
    def clean(self) -> bool:
        return self.different == 0


class BackfillLog:
    """How far a backfill came, and what verifications found; in the file that holds the migration records."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def done_through(self, domain: str) -> str:
        with closing(self._open()) as connection:
            row = connection.execute("SELECT done_through FROM backfill WHERE domain = ?", (domain,)).fetchone()
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
        with closing(self._open()) as connection:
            row = connection.execute(
                "SELECT at, sessions, different FROM verifications WHERE domain = ? ORDER BY id DESC LIMIT 1", (domain,)
            ).fetchone()
        return Verification(*row) if row else None

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(_SCHEMA)
        return connection


def backfill(
    store: ConversationStore,
    sides: tuple[Conversations, Conversations],
    log: BackfillLog,
    on_session: OnSession,
    pause: float = 0.0,
) -> int:
    """Copy every session from legacy to Lambda; returns how many turns were written.

    A run that was stopped goes on after the last session it finished; a finished one starts over the next time.

    Parameters
    ----------
    sides
        Legacy's conversations, then Lambda's.
    on_session
        Called after each session with the turns written for it.
    pause
        Seconds to wait after each session, to spare the tables.
    """
    legacy, remote = sides
    written = 0
    for session_id in sessions_after(store, log.done_through("ask")):
        copied = reconcile(session_id, legacy, remote)
        log.note("ask", session_id)
        written += copied
        on_session(copied)
        if pause:
            time.sleep(pause)
    log.note("ask", "")
    return written


def verify(
    store: ConversationStore, sides: tuple[Conversations, Conversations], log: BackfillLog, on_session: OnSession
) -> list[Difference]:
    """Compare every session's checksum on both sides, keep the finding, and return the sessions that differ."""
    legacy, remote = sides
    different: list[Difference] = []
    count = 0
    for session_id in sessions_after(store, ""):
        ours, theirs = legacy.turns(session_id), remote.turns(session_id)
        if checksum(ours) != checksum(theirs):
            different.append(Difference(session_id, len(ours), len(theirs)))
        count += 1
        on_session(0)
    log.add_verification("ask", count, len(different))
    return different


def sessions_after(store: ConversationStore, session_id: str) -> Iterator[str]:
    """Legacy's sessions in order, read in batches, so that any number of them can be walked."""
    while batch := store.sessions(after=session_id):
        yield from batch
        session_id = batch[-1]
