"""The sources that the functions run by: their fingerprint, and what to do when they are edited."""

import hashlib
import logging
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

FOLDERS: Final = ("contracts", "lambdas")
_NO_SOURCES: Final = {"local", "__pycache__", ".aws-sam"}  # the local cloud itself is no part of a function
POLL_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


def fingerprint(root: Path) -> str:
    """A hash of every file that a function of this tree may import or read."""
    digest = hashlib.sha256()
    for path in _files(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def git_version(root: Path) -> str:
    """The commit of a working tree, with `-dirty` if files differ from it; "dev" where there is no git."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=8", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5.0, check=True).stdout.strip() or "dev"
    except (OSError, subprocess.SubprocessError):
        return "dev"


class Sources:
    """Calls `on_change` once the sources differ from those of the last check. Built artefacts have none: root None."""

    def __init__(self, root: Path | None, on_change: Callable[[], None]) -> None:
        self._root = root
        self._on_change = on_change
        self._checking = threading.Lock()
        self._seen = self._stats()
        self._fingerprint = fingerprint(root) if root else ""

    def current(self) -> str:
        """Check now; returns the fingerprint of what the next invocation runs, "" for built artefacts.

        While a file is being replaced it is the fingerprint of before.
        """
        with self._checking:
            try:
                return self._checked()
            except OSError:
                return self._fingerprint

    def _checked(self) -> str:
        seen = self._stats()
        if self._root is not None and seen != self._seen:
            self._seen = seen
            changed = fingerprint(self._root)
            if changed != self._fingerprint:
                self._fingerprint = changed
                log.warning("the sources changed: functions run by them from now on")
                self._on_change()
        return self._fingerprint

    def _stats(self) -> list[tuple[str, int, int]]:
        if self._root is None:
            return []
        return [(str(path), stat.st_mtime_ns, stat.st_size) for path in _files(self._root) if (stat := path.stat())]


def _files(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and not _NO_SOURCES & set(path.relative_to(root).parts):
                yield path
