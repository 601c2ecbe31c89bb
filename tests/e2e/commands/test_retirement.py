"""The end of a move: `mattgpt retire` deletes a domain's legacy side, and what remains works."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend_clients.stages import Stage
from tests.support.builders.seeded_records import SeededRecords
from tests.support.command import saved_weeks_ago

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


def commit(tree: Path) -> None:
    somebody = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for arguments in (("init", "-q"), ("add", "-A"), (*somebody, "commit", "-q", "-m", "all")):
        subprocess.run(["git", *arguments], cwd=tree, check=True)


def retire(tree: Path, domain: str) -> None:
    """Retire a domain that Lambda has served alone for three weeks."""
    flags = tree / "feature_flags.yaml"
    before, flag, after = flags.read_text("utf-8").partition(f"  {domain}:\n")
    flags.write_text(before + flag + after.replace("defaultVariant: legacy", "defaultVariant: lambda", 1), "utf-8")
    saved_weeks_ago(flags, 4)
    SeededRecords(tree / "var" / "migration.sqlite3", later=-21 * 86_400).visits(domain, Stage.LAMBDA, 200)
    command = ("-c", "from operations.cli import app; app()", "retire", domain)
    listed = run(tree, *command)
    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert f"backend_clients/{domain}/legacy.py: delete the file" in listed.stdout
    by_hand = [line for line in listed.stdout.splitlines() if line.startswith("by hand: ")]
    assert [line for line in by_hand if not line.startswith("by hand: bench/")] == []
    assert "nothing is lost" in run(tree, *command, "--write").stderr  # the flag is not committed
    commit(tree)
    deleted = run(tree, *command, "--write")
    assert deleted.returncode == 0, deleted.stdout + deleted.stderr
    assert not (tree / "backend_clients" / domain / "legacy.py").exists()
    assert "has no legacy side any more" in run(tree, *command).stderr


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
    commit(tree)
    for domain in DOMAINS:
        retire(tree, domain)
        commit(tree)
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
