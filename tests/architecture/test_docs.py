"""The documentation: files that it names exist, its lists are complete, its generated pages are current."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from operations.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
)
TOP = {path.name for path in ROOT.iterdir()}
QUOTED = re.compile(r"`([\w.-]+(?:/[\w.<>*-]+)*/?)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
MADE_LATER = ("var/", ".aws-sam/", "build/", ".venv/")


def paths_in(text: str) -> list[str]:
    """What a page names in backticks that begins with one of the repository's own folders, or is a file at its top."""
    named = [name for name in QUOTED.findall(text) if name.split("/")[0] in TOP or "/" in name]
    return [name for name in named if name.split("/")[0] in TOP and not name.startswith(MADE_LATER)]


def exists(name: str) -> bool:
    """Whether a path exists; `<domain>` and `*` stand for any name."""
    return bool(list(ROOT.glob(re.sub(r"<[^>]+>", "*", name.rstrip("/")))))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [name for name in paths_in(text) if not exists(name)] == []
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_a_missing_file_would_be_noticed() -> None:
    assert paths_in("see `lambdas/stories/no_such.py` and `docs/adr/`") == ["lambdas/stories/no_such.py", "docs/adr/"]
    assert not exists("lambdas/stories/no_such.py")
    assert exists("backend_clients/<domain>/legacy.py")


def test_the_list_of_decisions_is_complete() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    titles = [record.read_text("utf-8").splitlines()[0].removeprefix("# ") for record in records]
    rows = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8").splitlines()[5:]
    assert [
        f"| {number} | [{title}]({record.name}) |"
        for record, (number, title) in zip(records, (title.split(". ", 1) for title in titles), strict=True)
    ] == rows[-len(records) :]
    assert [int(title.split(".")[0]) for title in titles] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("name", ["settings", "cli"])
def test_a_generated_page_is_current(name: str) -> None:
    script = f"import sys; sys.path.insert(0, 'docs'); import {name}; print({name}.reference(), end='')"
    made = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert made.stdout == (ROOT / "docs" / f"{name}.md").read_text("utf-8"), f"run `python docs/{name}.py`"


def test_the_command_reference_has_every_command() -> None:
    sections = re.findall(r"^#{2,3} (mattgpt .+)$", (ROOT / "docs" / "cli.md").read_text("utf-8"), re.MULTILINE)
    assert {"mattgpt up", "mattgpt flags set", "mattgpt parity aa", "mattgpt repairs run"} <= set(sections)
    assert {section.split()[1] for section in sections} == set(COMMANDS)
