"""A disk that is full for one SQLite file, as the operating system says it: further bytes are refused."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_LIMIT = 16 * 1024 * 1024  # bytes; every other file that is written here stays far below
_STEP = 256 * 1024


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Reject writes that make the file's write-ahead log grow.

    The log is brought to this process's limit for files first. A reader that stays keeps it from starting anew.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as writer, closing(sqlite3.connect(path)) as reader:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA synchronous=OFF")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE IF NOT EXISTS filler (bytes BLOB)")
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM filler").fetchone()
        log = path.with_name(f"{path.name}-wal")
        while log.stat().st_size <= _LIMIT:
            writer.execute("DELETE FROM filler")
            writer.execute("INSERT INTO filler VALUES (randomblob(?))", (_STEP,))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            reader.rollback()
            writer.execute("DELETE FROM filler")
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
