"""Finding a domain's legacy side in a tree made for it: every shape that its parts may have."""

from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS
from backend_clients.flags.text_edits import NotEditable
from backend_clients.migration.retirement.legacy_parts import Deletion, legacy_parts

BOOTSTRAP = """\
from backend_clients.search.client import SearchClient
from backend_clients.search.legacy import LegacySearch
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.legacy import LegacyStories, Größe

stories = StoriesClient("ü", LegacyStories(
    Größe("one"),
    "two",
), "remote")
legacy_search = LegacySearch()
search = SearchClient(legacy_search)
print(legacy_search.hybrid)
"""
PARITY = """\
from operations.parity.runner import (
    compare,
    only_stories,
)


def test_search() -> None:
    compare("search")


@print
def test_stories() -> None:
    compare("stories", only_stories)
"""
FLAGS = """\
flags:
  # the first
  stories:
    state: ENABLED
    defaultVariant: lambda
    targeting:
      if: [true, live]
  # the second
  search: {state: ENABLED}
"""
NEEDS_SHARED = "from backend_clients.corpus.shared import other"
NEEDS_STORIES = "from backend_clients.stories.legacy import LegacyStories"
SOURCES = {
    "backend_clients/bootstrap.py": BOOTSTRAP,
    "backend_clients/stories/client.py": "from contracts.stories import A",
    "backend_clients/stories/legacy.py": "from backend_clients.corpus.own import rule\n" + NEEDS_SHARED,
    "backend_clients/corpus/own.py": "import backend_clients.corpus.deeper",
    "backend_clients/corpus/deeper.py": "from backend_clients.corpus import shared",
    "backend_clients/corpus/shared.py": "",
    "backend_clients/search/client.py": "",
    "backend_clients/search/legacy.py": NEEDS_SHARED,
    "contracts/stories.py": "",
    "tests/unit/clients/test_legacy_stories.py": NEEDS_STORIES,
    "tests/unit/test_own.py": "import backend_clients.corpus.own",
    "tests/unit/test_both.py": "import backend_clients.search.legacy\n" + NEEDS_STORIES,
    "tests/unit/test_shared.py": NEEDS_SHARED + "  # and not backend_clients.stories.legacy",
    "tests/parity/test_stories.py": 'from operations.parity.runner import compare\ncompare("stories")',
    "tests/parity/test_others.py": PARITY,
    "bench/stories.py": NEEDS_STORIES,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "flags.yaml").write_text(FLAGS)
    return tmp_path


def test_every_part_is_found_and_what_others_need_stays(tree: Path) -> None:
    parts = legacy_parts(tree, tree / "flags.yaml", DOMAINS["stories"])
    assert parts.deletions == (
        Deletion("backend_clients/bootstrap.py", 4, 4),
        Deletion("backend_clients/bootstrap.py", 6, 9, 'stories = StoriesClient("ü", None, "remote")'),
        Deletion("backend_clients/corpus/deeper.py"),
        Deletion("backend_clients/corpus/own.py"),
        Deletion("backend_clients/stories/legacy.py"),
        Deletion("flags.yaml", 3, 7),
        Deletion("tests/parity/test_others.py", 1, 4, "from operations.parity.runner import compare"),
        Deletion("tests/parity/test_others.py", 9, 13),
        Deletion("tests/parity/test_stories.py"),
        Deletion("tests/unit/clients/test_legacy_stories.py"),
        Deletion("tests/unit/test_own.py"),
    )
    assert sorted(parts.by_hand) == [
        "bench/stories.py, line 1: imports backend_clients.stories.legacy.LegacyStories",
        "tests/unit/test_both.py, line 2: imports backend_clients.stories.legacy.LegacyStories",
    ]


def test_a_variable_that_becomes_none_is_an_argument_of_its_client_or_needs_a_look(tree: Path) -> None:
    parts = legacy_parts(tree, tree / "flags.yaml", DOMAINS["search"])
    assert Deletion("backend_clients/bootstrap.py", 10, 10, "legacy_search = None") in parts.deletions
    assert parts.by_hand[0] == "backend_clients/bootstrap.py, line 12: uses legacy_search, which is None then"
    assert Deletion("flags.yaml", 9, 9) in parts.deletions


@pytest.mark.parametrize("flags", ["flags: {stories: {state: ENABLED}}", "flags:\n  search: {}\n", "[]", ""])
def test_a_flag_without_lines_of_its_own_is_named(tree: Path, flags: str) -> None:
    (tree / "flags.yaml").write_text(flags)
    with pytest.raises(NotEditable, match=r"stories|flags"):
        legacy_parts(tree, tree / "flags.yaml", DOMAINS["stories"])


@pytest.mark.parametrize(
    ("deletion", "words"),
    [
        (Deletion("a.py"), "a.py: delete the file"),
        (Deletion("a.py", 3, 3), "a.py, line 3: delete"),
        (Deletion("a.py", 3, 5), "a.py, lines 3 to 5: delete"),
        (Deletion("a.py", 3, 3, "    x = None"), "a.py, line 3: write `x = None`"),
    ],
)
def test_a_deletion_in_words(deletion: Deletion, words: str) -> None:
    assert str(deletion) == words
