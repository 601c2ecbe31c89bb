"""Appends entries to the allow-list file and keeps every other character."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from backend_clients.migration.mismatches.allowlist import AllowedError, AllowlistEntry, entries_of

_ONE_LINE: Final = 100_000


def add_entries(path: Path, entries: Sequence[AllowlistEntry]) -> None:
    """Append entries. The file is replaced atomically.

    Raises
    ------
    AllowedError
        The list cannot be used or written; it is unchanged.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        before = target.read_bytes().decode("utf-8") if target.exists() else ""
        after = with_entries(before, entries, path)
        try:
            temporary.write_text(after, "utf-8", newline="")
            if target.exists():
                shutil.copymode(target, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, UnicodeDecodeError) as error:
        raise AllowedError(f"{path}: cannot be changed: {error}") from error


def with_entries(text: str, entries: Sequence[AllowlistEntry], path: Path) -> str:
    """Return the file's text with the entries added; raises `AllowedError`."""
    kept = entries_of(text, path)
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = [entry.model_dump(exclude_none=True) for entry in entries]
    added = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=_ONE_LINE, line_break=newline)
    root = yaml.compose(text, yaml.SafeLoader)
    if isinstance(root, yaml.SequenceNode) and not root.value:  # replace `[]` by the first entry
        before, after = text[: root.start_mark.index], text[root.end_mark.index :]
        changed = before + added + after.removeprefix(newline)
    else:
        gap = newline if text and not text.endswith("\n") else ""
        changed = text + gap + added
    try:
        found = entries_of(changed, path)
    except AllowedError as error:
        raise _by_hand(path) from error
    if found != [*kept, *entries]:
        raise _by_hand(path)
    return changed


def _by_hand(path: Path) -> AllowedError:
    return AllowedError(f"{path}: its list is not written as `- domain: ...` lines at the end; add the entry by hand")
