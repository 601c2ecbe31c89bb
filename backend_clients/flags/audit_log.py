"""The audit log of flag changes: who, when, from what to what, and why."""

import getpass
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from backend_clients.errors import MigrationError
from backend_clients.storage.sqlite import columns_of, open_database, reading

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS flag_changes (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, domain TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, reason TEXT NOT NULL, forced INTEGER NOT NULL, evidence TEXT NOT NULL)
"""
_PATIENCE_SECONDS: Final = 5.0  # time to wait for another writer of the file


def user() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"


class AuditError(MigrationError):
    """The audit log cannot be read or written; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One change of a flag; `before` and `after` have the form "live 10%, shadow 90%".

    `unrecorded` is the reason why an applied change could not be logged.
    """

    domain: str
    before: str
    after: str
    reason: str = ""
    forced: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)
    who: str = field(default_factory=user)
    at: float = field(default_factory=time.time)
    unrecorded: str = ""


class Audit:
    """The list of flag changes, in the file that holds the migration records."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def recording(self, change: FlagChange, patience: float = _PATIENCE_SECONDS) -> Iterator[None]:
        """Log the change if the body succeeds; raises before the body if the change cannot be logged.

        Raises
        ------
        AuditError
        """
        values = asdict(change) | {"evidence": json.dumps(change.evidence)}
        with self._naming_errors(), closing(open_database(self._path, patience)) as connection, connection:
            connection.execute(_SCHEMA)
            connection.execute(
                "INSERT INTO flag_changes (at, who, domain, before, after, reason, forced, evidence)"
                " VALUES (:at, :who, :domain, :before, :after, :reason, :forced, :evidence)",
                values,
            )
            yield

    def changes(self, domain: str | None = None, limit: int = 50) -> list[FlagChange]:
        """Flag changes, newest first.

        Raises
        ------
        AuditError
        """
        with self._naming_errors(), reading(self._path) as connection:
            if connection is None or not columns_of(connection, "flag_changes"):
                return []
            rows = connection.execute(
                "SELECT domain, before, after, reason, forced, evidence, who, at FROM flag_changes"
                " WHERE :domain IS NULL OR domain = :domain ORDER BY id DESC LIMIT :limit",
                {"domain": domain, "limit": limit},
            ).fetchall()
        return [
            FlagChange(domain, before, after, reason, bool(forced), json.loads(evidence), who, at)
            for domain, before, after, reason, forced, evidence, who, at in rows
        ]

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise AuditError(f"{self._path}: the record of changes cannot be used: {error}") from error
        except OSError as error:
            raise AuditError(f"{self._path}: the record of changes cannot be used: {error.strerror}") from error
