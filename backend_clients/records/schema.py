"""The schema of the migration records: its tables, upgrades of older files, and limits on size and age."""

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from backend_clients.storage.sqlite import open_database

PAYLOADS: Final = 1000  # number of mismatches whose answers are kept, the newest, up to 64 KiB a side
# One script per version, never changed once released; a file stores the number of scripts applied to it.
_UPGRADES: Final = (
    (
        "CREATE TABLE IF NOT EXISTS calls ("
        " id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,"
        " origin TEXT NOT NULL, reason TEXT NOT NULL, fell_back INTEGER NOT NULL, failed INTEGER NOT NULL,"
        " latency_ms REAL NOT NULL, cold_start INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS comparisons ("
        " id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL, stage TEXT NOT NULL,"
        " outcome TEXT NOT NULL, layer TEXT NOT NULL, legacy_ms REAL, lambda_ms REAL, cold_start INTEGER NOT NULL,"
        " request TEXT NOT NULL, differences TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS calls_by_domain ON calls (domain, stage, id)",
        "CREATE INDEX IF NOT EXISTS comparisons_by_domain ON comparisons (domain, stage, id)",
    ),
    (
        "ALTER TABLE comparisons ADD COLUMN legacy_payload TEXT",
        "ALTER TABLE comparisons ADD COLUMN lambda_payload TEXT",
        "ALTER TABLE comparisons ADD COLUMN versions TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE comparisons ADD COLUMN cut INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX comparisons_with_payload ON comparisons (id) WHERE legacy_payload IS NOT NULL",
        "CREATE INDEX comparisons_by_outcome ON comparisons (outcome, domain, at)",
        "CREATE INDEX comparisons_by_time ON comparisons (domain, at)",
        "CREATE INDEX calls_by_time ON calls (domain, at)",
        "CREATE INDEX calls_fallen_back ON calls (domain, at) WHERE fell_back",
        "CREATE TABLE requests ("
        " id INTEGER PRIMARY KEY, at REAL NOT NULL, domain TEXT NOT NULL, operation TEXT NOT NULL,"
        " request TEXT NOT NULL)",
        "CREATE INDEX requests_newest ON requests (domain, id)",
    ),
    (  # covering indexes for counts over time, which then need not read the rows
        "DROP INDEX calls_by_time",
        "CREATE INDEX calls_over_time ON calls (domain, at, stage, origin, fell_back, failed, cold_start, latency_ms)",
        "DROP INDEX comparisons_by_time",
        "CREATE INDEX comparisons_over_time ON comparisons"
        " (domain, at, stage, outcome, cold_start, legacy_ms, lambda_ms)",
    ),
)


def opened(path: Path) -> sqlite3.Connection:
    """Open the file, creating or upgrading it; raises `sqlite3.Error` or `OSError`."""
    connection = open_database(path, patience=2.0)
    try:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")
        _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _upgrade(connection: sqlite3.Connection) -> None:
    if _version(connection) >= len(_UPGRADES):
        return
    connection.execute("BEGIN IMMEDIATE")  # one of several processes upgrades, the others find it upgraded
    for statements in _UPGRADES[_version(connection) :]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_UPGRADES)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def keep_newest(connection: sqlite3.Connection, rows: int) -> None:
    """Delete all but the newest rows of each table, and the answers of all but the newest mismatches."""
    for table in ("calls", "comparisons"):
        connection.execute(f"DELETE FROM {table} WHERE id <= (SELECT MAX(id) FROM {table}) - ?", (rows,))
    connection.execute(
        "UPDATE comparisons SET legacy_payload = NULL, lambda_payload = NULL WHERE legacy_payload IS NOT NULL AND id <="
        " (SELECT id FROM comparisons WHERE legacy_payload IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (PAYLOADS,),
    )


def keep_newest_requests(connection: sqlite3.Connection, domains: Iterable[str], rows: int) -> None:
    for domain in domains:
        connection.execute(
            "DELETE FROM requests WHERE domain = :domain AND id <="
            " (SELECT id FROM requests WHERE domain = :domain ORDER BY id DESC LIMIT 1 OFFSET :rows)",
            {"domain": domain, "rows": rows},
        )


def drop_older(connection: sqlite3.Connection, days: float) -> None:
    for table in ("calls", "comparisons", "requests"):
        connection.execute(f"DELETE FROM {table} WHERE at < ?", (time.time() - days * 86_400.0,))
