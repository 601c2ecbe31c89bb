"""The end of a move: a domain's legacy side is deleted by the list that the status gives, and what remains works."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from backend_clients.domains import DOMAINS as REGISTRY
from backend_clients.migration.retirement.legacy_parts import Deletion, legacy_parts

ROOT = Path(__file__).resolve().parents[3]
TREE = ("contracts", "backend_clients", "lambdas", "operations", "streamlit_app", "tests", "bench")
FILES = ("pyproject.toml", "feature_flags.yaml", "parity_allowed.yaml", "README.md")
DOMAINS = ("industries", "stories")
SERVES_WITHOUT_THEIR_FLAGS = """
import json, sys
from contextlib import closing
from pathlib import Path
import backend_clients
from backend_clients.bootstrap import build_clients
from backend_clients.errors import BackendError
from backend_clients.settings import REPOSITORY, Settings
from contracts.stories import StoryListRequest

def failure(ask):
    try:
        return f"served by {ask().origin}"
    except BackendError as error:
        return str(error)

with closing(build_clients(Settings(data_dir=REPOSITORY / "var"))) as clients:
    found = {domain: clients.migration.status(domain) for domain in sys.argv[1:]}
    print(json.dumps({
        "tree": str(Path(backend_clients.__file__).parents[1]),
        "problems": clients.flags.problems(),
        "shares": [status.shares for status in found.values()],
        "next": [[status.stage, status.gate, status.retirement] for status in found.values()],
        "failures": [
            failure(lambda: clients.industries.list_industries("visitor")),
            failure(lambda: clients.stories.list_stories(StoryListRequest(), "visitor")),
        ],
    }))
"""


def copy_sources(folder: Path) -> Path:
    """Without build results and stored data."""
    for name in TREE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".aws-sam", "var"))
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    return folder


def delete(tree: Path, parts: Sequence[Deletion]) -> None:
    """Do what the list says, from the last line up, so that the line numbers stay true."""
    for part in sorted(parts, key=lambda part: (part.path, -part.first)):
        path = tree / part.path
        if not part.first:
            path.unlink()
            continue
        lines = path.read_text("utf-8").splitlines()
        lines[part.first - 1 : part.last] = [part.instead] if part.instead else []
        path.write_text("\n".join(lines) + "\n", "utf-8")


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_URL")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


REMAINING = (
    "tests/contract/test_remote_industries.py",
    "tests/contract/test_remote_stories.py::test_the_bootstrap_wires_flag_file_address_and_records_of_the_settings",
    "tests/e2e/pages/test_industry.py",
    "tests/architecture/test_imports.py::test_every_import_contract_is_kept",
    "tests/architecture/test_imports.py::test_only_the_bootstrap_imports_a_legacy_side",
)


@pytest.mark.timeout(300)
def test_the_list_is_all_there_is_to_delete_and_what_remains_passes(tmp_path: Path) -> None:
    """Of one domain and then of another, as a move goes on."""
    tree = copy_sources(tmp_path)
    for domain in DOMAINS:
        parts = legacy_parts(tree, tree / "feature_flags.yaml", REGISTRY[domain])
        assert [line for line in parts.by_hand if not line.startswith("bench/")] == []
        delete(tree, parts.deletions)
    unused = run(tree, "-m", "ruff", "check", "--no-cache", "--select", "F", "backend_clients", "tests/parity")
    assert unused.returncode == 0, unused.stdout
    served = run(tree, "-c", SERVES_WITHOUT_THEIR_FLAGS, *DOMAINS)
    assert served.returncode == 0, served.stderr
    assert json.loads(served.stdout.splitlines()[-1]) == {
        "tree": str(tree),
        "problems": [],
        "shares": ["lambda (its legacy side is deleted)"] * 2,
        "next": [["lambda", None, None]] * 2,
        "failures": ["no address is configured for the Lambda side"] * 2,
    }
    done = run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *REMAINING)
    assert done.returncode == 0, done.stdout
