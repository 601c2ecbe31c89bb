"""Conversations in SQLite: the legacy side's store."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Final

from backend_clients.errors import Conflict, InvalidRequest, NotFound, Unavailable
from backend_clients.storage.files import is_damage, set_aside
from backend_clients.storage.sqlite import add_column, open_database
from contracts.conversations import MAX_PAGE_BYTES, MAX_TURN_BYTES, FeedbackRequest, HistoryRequest, Rating, Turn

_log = logging.getLogger(__name__)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS turns (
    session_id TEXT NOT NULL, turn_id TEXT NOT NULL, cursor TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (session_id, turn_id)) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS turns_in_order ON turns (session_id, cursor);
CREATE TABLE IF NOT EXISTS feedback (
    session_id TEXT NOT NULL, turn_id TEXT NOT NULL, helpful INTEGER NOT NULL, comment TEXT NOT NULL,
    rated_at INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (session_id, turn_id)) WITHOUT ROWID;
"""


class ConversationStore:
    """Turns and ratings by session: write-ahead log, one writer at a time, every write whole on disk or not at all.

    A damaged file is set aside and a new one is begun: the conversations in it are missing until the maintainer brings
    them back, and all others go on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._lock = threading.Lock()

    def append(self, turn: Turn) -> bool:
        """Keep a turn; True if it is new, False if this very turn was kept before.

        Raises
        ------
        Conflict
            A turn with this id and other content is kept already.
        """
        body = turn.model_dump_json()
        if len(body.encode()) > MAX_TURN_BYTES:
            raise InvalidRequest(f"the turn is larger than {MAX_TURN_BYTES} bytes")
        with self._lock, self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            kept = connection.execute(
                "SELECT body FROM turns WHERE session_id = ? AND turn_id = ?", (turn.session_id, turn.turn_id)
            ).fetchone()
            if kept is None:
                row = (turn.session_id, turn.turn_id, cursor_of(turn), body)
                connection.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", row)
                return True
        if Turn.model_validate_json(kept[0]) != turn:
            raise Conflict("turn already kept with other content")
        return False

    def page(self, request: HistoryRequest) -> tuple[list[Turn], str]:
        """The newest turns before a point, oldest first, and the cursor of what comes before them."""
        with self._lock, self._writing() as connection:
            rows = connection.execute(
                "SELECT cursor, body FROM turns WHERE session_id = ? AND (? = '' OR cursor < ?)"
                " ORDER BY cursor DESC LIMIT ?",
                (request.session_id, request.before, request.before, request.limit + 1),
            ).fetchall()
        sizes = accumulate(len(body.encode()) for _, body in rows)
        fitting = max(1, sum(size <= MAX_PAGE_BYTES for size in sizes))
        shown = rows[: min(request.limit, fitting)][::-1]
        earlier = shown[0][0] if len(rows) > len(shown) else ""
        return [Turn.model_validate_json(body) for _, body in shown], earlier

    def context(self, session_id: str, turn_id: str, limit: int) -> list[Turn]:
        """The newest turns before a turn, oldest first; all the newest unless that turn is among them.

        A question that is compared or repeated after its turn was kept is thus answered from the same turns.
        """
        request = HistoryRequest(session_id=session_id, limit=limit)
        turns, _ = self.page(request)
        own = next((turn for turn in turns if turn.turn_id == turn_id), None)
        return turns if own is None else self.page(request.model_copy(update={"before": cursor_of(own)}))[0]

    def verdicts_on(self, turns: Sequence[Turn]) -> list[Rating]:
        """The verdicts on some turns, in their order."""
        with self._lock, self._writing() as connection:
            rows = [
                connection.execute(
                    "SELECT turn_id, helpful, comment, rated_at FROM feedback WHERE session_id = ? AND turn_id = ?",
                    (turn.session_id, turn.turn_id),
                ).fetchone()
                for turn in turns
            ]
        return [
            Rating(turn_id=turn_id, helpful=bool(helpful), comment=comment, rated_at=rated_at)
            for turn_id, helpful, comment, rated_at in filter(None, rows)
        ]

    def forget(self, session_id: str) -> int:
        """Delete a session; how many turns it had."""
        with self._lock, self._writing() as connection:
            connection.execute("DELETE FROM feedback WHERE session_id = ?", (session_id,))
            return connection.execute("DELETE FROM turns WHERE session_id = ?", (session_id,)).rowcount

    def rate(self, feedback: FeedbackRequest) -> None:
        """Keep a verdict, unless a later one is kept.

        Raises
        ------
        NotFound
            The session has no such turn.
        """
        key = (feedback.session_id, feedback.turn_id)
        with self._lock, self._writing() as connection:
            if not connection.execute("SELECT 1 FROM turns WHERE session_id = ? AND turn_id = ?", key).fetchone():
                raise NotFound("there is no such turn")
            connection.execute(
                "INSERT INTO feedback (session_id, turn_id, helpful, comment, rated_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET helpful = excluded.helpful, comment = excluded.comment,"
                " rated_at = excluded.rated_at WHERE excluded.rated_at >= rated_at",
                (*key, feedback.helpful, feedback.comment, feedback.rated_at),
            )

    def sessions(self, after: str = "", limit: int = 500) -> list[str]:
        """Session ids in order, for those who copy or check conversations."""
        with self._lock, self._writing() as connection:
            rows = connection.execute(
                "SELECT DISTINCT session_id FROM turns WHERE session_id > ? ORDER BY session_id LIMIT ?", (after, limit)
            ).fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def _writing(self) -> "_Transaction":
        try:
            if self._connection is not None and self._was_replaced():
                self._let_go()
            if self._connection is None:
                self._connection = self._open()
        except (sqlite3.Error, OSError) as error:
            raise Unavailable("conversations cannot be kept right now") from error
        return _Transaction(self._connection, self._set_aside)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._set_aside()
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = open_database(self._path, across_threads=True)
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_SCHEMA)
            add_column(connection, "feedback", "rated_at", "INTEGER NOT NULL DEFAULT 0")
            self._inode = self._path.stat().st_ino
        except BaseException:
            connection.close()
            raise
        return connection

    def _was_replaced(self) -> bool:
        """Whether another process has set the file aside, or restored one."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def _set_aside(self) -> None:
        """Set the damaged file aside, so that the next call begins a new one."""
        self._let_go()
        if (aside := set_aside(self._path)) is not None:
            _log.error("%s is damaged: it is kept as %s, and a new one is begun", self._path.name, aside.name)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Transaction:
    """Commits at the end or rolls back; a database error becomes `Unavailable`. `damaged` is called on damage."""

    def __init__(self, connection: sqlite3.Connection, damaged: Callable[[], None]) -> None:
        self._connection = connection
        self._damaged = damaged

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        try:
            if kind is None:
                self._connection.commit()
            else:
                self._connection.rollback()
        except sqlite3.Error as failed:
            error = failed
        if is_damage(error):
            with suppress(OSError):
                self._damaged()
        if isinstance(error, sqlite3.Error):
            raise Unavailable("conversations cannot be kept right now") from error


def cursor_of(turn: Turn) -> str:
    """Where a turn stands in its session: by time asked, then by id."""
    return f"{turn.asked_at:013d}#{turn.turn_id}"
