"""The record of flag changes."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from backend_clients.flags.audit_log import Audit, AuditError, FlagChange
from backend_clients.storage.sqlite import open_database


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path / "data" / "migration.sqlite3")


def keep(audit: Audit, *changes: FlagChange) -> None:
    for change in changes:
        with audit.recording(change):
            pass


def test_nothing_is_kept_at_first_and_who_reads_makes_no_file(audit: Audit, tmp_path: Path) -> None:
    assert audit.changes() == []
    assert list(tmp_path.iterdir()) == []


def test_readers_do_not_wait_for_writers(audit: Audit, tmp_path: Path) -> None:
    path = tmp_path / "data" / "migration.sqlite3"
    open_database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert audit.changes() == []
        assert time.monotonic() - began < 1
        other.execute("ROLLBACK")
        keep(audit, FlagChange("stories", "legacy", "live"))
        other.execute("BEGIN IMMEDIATE")
        assert len(audit.changes()) == 1


def test_a_change_comes_back_as_it_went(audit: Audit) -> None:
    change = FlagChange(
        "stories", "legacy", "live 10%, legacy 90%", "Grüße; '); DROP TABLE", True, {"compared": 250, "rate": 0.999}
    )
    keep(audit, change)
    assert audit.changes() == [change]


def test_a_change_knows_who_and_when(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    earliest = time.time()
    keep(audit, FlagChange("stories", "legacy", "live"))
    (kept,) = audit.changes()
    assert kept.who == "ada"
    assert earliest <= kept.at <= time.time()


def test_a_nameless_user_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert FlagChange("stories", "legacy", "live").who == "unknown"


def test_the_latest_come_first_up_to_a_limit_and_of_one_domain_if_wanted(audit: Audit) -> None:
    keep(audit, *(FlagChange(domain, "a", str(n)) for n in range(3) for domain in ("stories", "search")))
    assert [(change.domain, change.after) for change in audit.changes(limit=3)] == [
        ("search", "2"),
        ("stories", "2"),
        ("search", "1"),
    ]
    assert [change.after for change in audit.changes("stories")] == ["2", "1", "0"]
    assert audit.changes("nobody") == []


def test_what_failed_meanwhile_is_not_kept(audit: Audit) -> None:
    with pytest.raises(ZeroDivisionError), audit.recording(FlagChange("stories", "legacy", "live")):
        raise ZeroDivisionError
    assert audit.changes() == []


def test_it_shares_its_file_with_others(audit: Audit, tmp_path: Path) -> None:
    path = tmp_path / "data" / "migration.sqlite3"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE calls (id INTEGER)")
        connection.execute("INSERT INTO calls VALUES (1)")
    keep(audit, FlagChange("stories", "legacy", "live"))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT id FROM calls").fetchall() == [(1,)]


def test_a_file_that_is_no_database_is_named(audit: Audit, tmp_path: Path) -> None:
    path = tmp_path / "data" / "migration.sqlite3"
    path.parent.mkdir()
    path.write_text("this is no database, and it is long enough to be seen as none")
    with pytest.raises(AuditError, match=r"migration\.sqlite3: the record of changes cannot be used: file is not a"):
        audit.changes()
