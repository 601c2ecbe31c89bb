"""Writes docs/cli.md from the commands of `mattgpt`: `python docs/cli.py`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402
from operations.cli import COMMANDS

TARGET: Final = ROOT / "docs" / "cli.md"
HEAD: Final = """# The `mattgpt` command

`mattgpt COMMAND --help` shows the same in a terminal. A command that fails exits with 1; one that is used wrongly exits
with 2. Names in capital letters are environment variables: see [settings.md](settings.md). `python docs/cli.py`
generates this page; a test checks that it is current.
"""


def reference() -> str:
    """The whole page."""
    return HEAD + "".join(
        section
        for name, command in COMMANDS.items()
        for section in _sections(command.load(name), f"mattgpt {name}", level=2)
    )


def _sections(command: Any, path: str, *, level: int) -> Iterator[str]:
    """A command's section, or a group's, followed by those of its commands."""
    context = command.make_context(path, [], resilient_parsing=True)
    usage = command.collect_usage_pieces(context)
    text = " ".join((command.help or "").split())
    yield f"\n{'#' * level} {path}\n\n{text}\n\n```\n{' '.join([path, *usage])}\n```\n"
    yield _table(record for param in command.get_params(context) if (record := param.get_help_record(context)))
    for name in getattr(command, "commands", {}):
        yield from _sections(command.commands[name], f"{path} {name}", level=level + 1)


def _table(records: Iterator[tuple[str, str]]) -> str:
    rows = [f"| `{_cell(name)}` | {_cell(text)} |\n" for name, text in records if name.strip() != "--help"]
    return "".join(["\n| argument or option | meaning |\n|---|---|\n", *rows]) if rows else ""


def _cell(text: str) -> str:
    """A help text in one line; its bracketed default and range become code."""
    line = " ".join(text.split()).replace("|", "\\|")
    return re.sub(r"\[([^\]]+)\]$", r"`\1`", line)


if __name__ == "__main__":
    TARGET.write_text(reference(), "utf-8")
