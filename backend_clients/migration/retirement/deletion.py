"""Applies the deletions of a retired legacy side to a source tree."""

import os
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from backend_clients.migration.retirement.legacy_parts import Deletion


def delete_parts(root: Path, parts: Sequence[Deletion]) -> None:
    """Delete files, and delete or replace lines, from the last line up so that the line numbers stay true.

    Each file is read before any is written, so that a missing one stops the deletion before it begins.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    edited: dict[Path, str] = {}
    for path, edits in groupby(sorted(parts, key=lambda part: (part.path, -part.first)), attrgetter("path")):
        lines = (root / path).read_text("utf-8").splitlines()
        whole_file = False
        for part in edits:
            if part.first:
                lines[part.first - 1 : part.last] = [part.instead] if part.instead else []
            else:
                whole_file = True
        edited[root / path] = "" if whole_file else "\n".join(lines) + "\n"
    for file, text in edited.items():
        if not text:
            file.unlink()
            continue
        draft = file.with_name(f"{file.name}.draft")
        draft.write_text(text, "utf-8")
        os.replace(draft, file)
