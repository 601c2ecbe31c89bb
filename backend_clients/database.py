"""Opening one of the site's SQLite files: in write-ahead mode, whoever else opens it at the same moment."""

import sqlite3
from pathlib import Path
from typing import Final

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

_PAUSE_SECONDS: Final = 0.05


def open_database(path: Path, patience: float = 5.0, *, across_threads: bool = False) -> sqlite3.Connection:
    """A connection to a file in write-ahead mode; the file and its folder are made if missing.

    Parameters
    ----------
    path
        The file.
    patience
        How many seconds a statement, and the opening itself, waits for whoever holds the file.
    across_threads
        Whether other threads than this one will use the connection, one at a time.

    Raises
    ------
    sqlite3.Error, OSError
        The file cannot be used, or was held for longer than `patience`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=patience, check_same_thread=not across_threads)
    try:
        _write_ahead(connection, patience)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    # A file changes its mode once in its life, and needs it to itself then: SQLite says "locked" at once,
    # without the patience it has for every other statement. A file that has the mode takes no lock here.
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
    # The lower byte is the error itself, what is above it says more precisely which one.
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
