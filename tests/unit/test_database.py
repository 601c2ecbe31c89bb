"""Opening the site's SQLite files: several at once, one that is held, one that cannot be used."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from backend_clients.database import open_database

OPENERS = 16


def test_a_file_is_made_with_its_folder_in_write_ahead_mode(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "made" / "new.sqlite3")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_many_may_open_a_new_file_at_the_same_moment(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.sqlite3"
        together = threading.Barrier(OPENERS)

        def write(path: Path = path, together: threading.Barrier = together) -> None:
            together.wait(10)
            with closing(open_database(path)) as connection, connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (value TEXT)")
                connection.execute("INSERT INTO kept VALUES ('one')")

        with ThreadPoolExecutor(OPENERS) as pool:
            list(pool.map(lambda _, write=write: write(), range(OPENERS)))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT COUNT(*) FROM kept").fetchone() == (OPENERS,)


def test_a_new_file_that_another_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")  # to this one SQLite answers "locked" at once
        soon = threading.Timer(0.2, holder.execute, ["COMMIT"])
        soon.start()
        with closing(open_database(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        soon.join()


def test_a_file_that_stays_held_is_given_up_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            open_database(path, patience=0.3)
        assert 0.3 <= time.monotonic() - began < 5
    with closing(open_database(path, patience=0.3)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        open_database(tmp_path, patience=30)
    (tmp_path / "text.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        open_database(tmp_path / "text.sqlite3", patience=30)
    assert time.monotonic() - began < 5
