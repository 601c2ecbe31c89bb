"""Opens the site's SQLite files, in write-ahead mode or read-only, safely across processes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from backend_clients.storage.files import make_private_file, make_private_folder

_PAUSE_SECONDS: Final = 0.05
_READER_PATIENCE_SECONDS: Final = 2.0  # time for the recovery of a file after a kill


def open_database(path: Path, patience: float = 5.0, *, across_threads: bool = False) -> sqlite3.Connection:
    """Open a file in write-ahead mode; the file and its folder are created if missing, for their owner alone.

    Parameters
    ----------
    path
        The file.
    patience
        Seconds that opening and each statement wait for a lock on the file.
    across_threads
        Whether other threads may use the connection, one at a time.

    Raises
    ------
    sqlite3.Error, OSError
        The file cannot be used, or was locked for longer than `patience`.
    """
    make_private_folder(path.parent)
    make_private_file(path)  # SQLite gives its companions the same mode
    connection = sqlite3.connect(path, timeout=patience, check_same_thread=not across_threads)
    try:
        _write_ahead(connection, patience)
    except BaseException:
        connection.close()
        raise
    return connection


def read_only(path: Path, *, across_threads: bool = False) -> sqlite3.Connection:
    """Open a file read-only, without waiting for writers; raises `sqlite3.Error`."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(address, timeout=_READER_PATIENCE_SECONDS, uri=True, check_same_thread=not across_threads)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Yield a read-only connection; None if the file is missing. Raises `sqlite3.Error` or `OSError`."""
    try:
        path.stat()
    except FileNotFoundError:
        yield None
        return
    with closing(read_only(path)) as connection:
        yield connection


def columns_of(connection: sqlite3.Connection | None, table: str) -> frozenset[str]:
    """The names of a table's columns; none if the table or the file is missing."""
    if connection is None:
        return frozenset()
    return frozenset(column[1] for column in connection.execute(f"PRAGMA table_info({table})"))


def add_column(connection: sqlite3.Connection, table: str, column: str, definition: str) -> None:
    """Add a column that is missing in an older file; safe if several processes do so at once."""
    if column in columns_of(connection, table):
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if column not in columns_of(connection, table):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}")


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    # A file changes its mode once, under an exclusive lock; SQLite then fails with "locked" at once, without
    # the time-out of other statements, hence the retries. A file already in this mode takes no lock.
    held = Retrying(
        retry=retry_if_exception(_is_held),
        stop=stop_after_delay(patience),
        wait=wait_random(0, _PAUSE_SECONDS),
        reraise=True,
    )
    for attempt in held:
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL")


def _is_held(error: BaseException) -> bool:
    # The low byte is the primary result code; the upper bytes extend it.
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
