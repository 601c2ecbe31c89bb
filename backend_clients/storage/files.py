"""Files and folders of the site that nobody else on the machine reads, and databases that are damaged."""

import fcntl
import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_DAMAGED: Final = ".damaged-"
_TIME: Final = "%Y%m%dT%H%M%SZ"
_OF_OTHERS: Final = 0o077
_DAMAGE_CODES: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def make_private_folder(folder: Path) -> None:
    """Create a folder for its owner alone; one that exists keeps its mode. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Create a file for its owner alone, or make it so if it is ours. Raises `OSError`."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & _OF_OTHERS:
        with suppress(PermissionError):  # another user's file
            path.chmod(0o600)


def is_damage(error: BaseException | None) -> bool:
    """Whether an error says that a file is damaged or no database at all."""
    # The low byte is the primary result code; the upper bytes extend it.
    return isinstance(error, sqlite3.DatabaseError) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE_CODES


def set_aside(path: Path) -> Path | None:
    """Rename a damaged database, so that a new one can take its place; None if it is sound.

    It may be sound because another process has set the damaged one aside and begun a new one. Raises `OSError`.
    """
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_sound(path):
            return None
        aside = path.with_name(f"{path.name}{_DAMAGED}{datetime.now(UTC).strftime(_TIME)}")
        for suffix in ("-wal", "-shm", ""):  # the file itself last: without it there is nothing to set aside
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
        return aside


def last_damage(folder: Path) -> float | None:
    """When a database of the folder was last set aside, in Unix seconds; None if none was."""
    times = (name.partition(_DAMAGED)[2] for name in (path.name for path in folder.glob(f"*{_DAMAGED}*")))
    found = []
    for time in times:
        with suppress(ValueError):  # a companion of the file, such as its write-ahead log
            found.append(datetime.strptime(time, _TIME).replace(tzinfo=UTC).timestamp())
    return max(found, default=None)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return False
        raise OSError(str(error)) from error
