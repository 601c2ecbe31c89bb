"""Opening the site's SQLite files: several at once, one that is held, one that cannot be used."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from backend_clients.storage.sqlite import add_column, columns_of, open_database, reading

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
    with pytest.raises(IsADirectoryError):
        open_database(tmp_path, patience=30)
    (tmp_path / "text.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        open_database(tmp_path / "text.sqlite3", patience=30)
    assert time.monotonic() - began < 5


# Older files


def test_many_may_bring_an_older_file_up_to_date_at_the_same_moment(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.sqlite3"
        with closing(open_database(path)) as connection, connection:
            connection.execute("CREATE TABLE kept (value TEXT)")
            connection.execute("INSERT INTO kept VALUES ('old')")
        together = threading.Barrier(OPENERS)

        def upgrade(path: Path = path, together: threading.Barrier = together) -> None:
            with closing(open_database(path)) as connection:
                together.wait(10)
                add_column(connection, "kept", "due", "REAL NOT NULL DEFAULT 0")
                assert connection.execute("SELECT value, due FROM kept").fetchall() == [("old", 0.0)]

        with ThreadPoolExecutor(OPENERS) as pool:
            list(pool.map(lambda _, upgrade=upgrade: upgrade(), range(OPENERS)))


def test_a_file_that_is_up_to_date_is_opened_while_another_writes(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    with closing(open_database(path)) as connection, connection:
        connection.execute("CREATE TABLE kept (value TEXT, due REAL)")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, closing(open_database(path, 0.1)) as connection:
        other.execute("BEGIN IMMEDIATE")
        add_column(connection, "kept", "due", "REAL")
        assert columns_of(connection, "kept") == {"value", "due"}


# Only to read


def test_who_reads_makes_no_file(tmp_path: Path) -> None:
    with reading(tmp_path / "made" / "none.sqlite3") as connection:
        assert connection is None
        assert columns_of(connection, "kept") == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_said_to_who_reads(tmp_path: Path) -> None:
    (tmp_path / "made").write_text("this is no folder")
    with pytest.raises(NotADirectoryError, match="made"), reading(tmp_path / "made" / "none.sqlite3"):
        pass


def test_who_reads_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "100% kept.sqlite3"
    open_database(path).close()
    with reading(path) as connection:
        assert connection is not None
        assert columns_of(connection, "kept") == frozenset()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("CREATE TABLE kept (value TEXT)")


def test_who_reads_finds_what_a_killed_process_had_written(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite3"
    script = (
        "import os, signal, sys, pathlib; from backend_clients.storage.sqlite import open_database\n"
        "connection = open_database(pathlib.Path(sys.argv[1]))\n"
        "connection.execute('CREATE TABLE kept (value TEXT)')\n"
        "with connection: connection.execute(\"INSERT INTO kept VALUES ('one')\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=30)
    assert (tmp_path / "kept.sqlite3-wal").stat().st_size > 0
    with reading(path) as connection:
        assert connection is not None
        assert connection.execute("SELECT value FROM kept").fetchall() == [("one",)]
