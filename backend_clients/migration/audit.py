"""Who changed which flag when, from what to what, and why."""

import getpass
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS flag_changes (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, who TEXT NOT NULL, domain TEXT NOT NULL, before TEXT NOT NULL,
    after TEXT NOT NULL, reason TEXT NOT NULL, forced INTEGER NOT NULL, evidence TEXT NOT NULL)
"""


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One change of a flag; `before` and `after` read like "live 10%, shadow 90%"."""

    domain: str
    before: str
    after: str
    reason: str = ""
    forced: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)
    who: str = field(default_factory=_user)
    at: float = field(default_factory=time.time)


class Audit:
    """The list of flag changes, in the file that holds the migration records."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, change: FlagChange) -> None:
        values = asdict(change) | {"evidence": json.dumps(change.evidence)}
        with closing(self._open()) as connection, connection:
            connection.execute(
                "INSERT INTO flag_changes (at, who, domain, before, after, reason, forced, evidence)"
                " VALUES (:at, :who, :domain, :before, :after, :reason, :forced, :evidence)",
                values,
            )

    def changes(self, domain: str | None = None, limit: int = 50) -> list[FlagChange]:
        """Newest first."""
        with closing(self._open()) as connection:
            rows = connection.execute(
                "SELECT domain, before, after, reason, forced, evidence, who, at FROM flag_changes"
                " WHERE :domain IS NULL OR domain = :domain ORDER BY id DESC LIMIT :limit",
                {"domain": domain, "limit": limit},
            ).fetchall()
        return [
            FlagChange(domain, before, after, reason, bool(forced), json.loads(evidence), who, at)
            for domain, before, after, reason, forced, evidence, who, at in rows
        ]

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=5.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_SCHEMA)
        return connection
