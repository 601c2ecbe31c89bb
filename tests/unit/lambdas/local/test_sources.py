"""By which sources the functions run, and when these were edited."""

import os
from pathlib import Path

import pytest

from lambdas.local.sources import Sources, fingerprint, git_version


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("contracts/a.py", "lambdas/search/service.py", "lambdas/local/cloud.py", "lambdas/search/words.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    return tmp_path


def test_an_edit_changes_the_fingerprint_and_is_told_once(tree: Path) -> None:
    told: list[str] = []
    sources = Sources(tree, lambda: told.append("changed"))
    first = sources.current()
    assert first == fingerprint(tree)
    for number, name in enumerate(("contracts/a.py", "lambdas/search/words.txt", "lambdas/search/new.py"), 1):
        (tree / name).write_text("edited")
        assert sources.current() == fingerprint(tree) != first
        assert sources.current() == fingerprint(tree)
        assert len(told) == number
    (tree / "lambdas/search/new.py").unlink()
    sources.current()
    assert len(told) == 4


def test_what_no_function_imports_and_a_new_time_change_nothing(tree: Path) -> None:
    told: list[str] = []
    sources = Sources(tree, lambda: told.append("changed"))
    (tree / "lambdas/local/cloud.py").write_text("edited")
    (tree / "lambdas/search/__pycache__").mkdir()
    (tree / "lambdas/search/__pycache__/service.pyc").write_text("x")
    os.utime(tree / "contracts/a.py", (1, 1))
    assert sources.current() == fingerprint(tree)
    assert told == []


def test_built_artefacts_have_no_sources() -> None:
    assert Sources(None, lambda: None).current() == ""


def test_a_tree_without_git_has_a_version_too(tmp_path: Path) -> None:
    assert git_version(tmp_path) == "dev"
