"""Settings of every test, and which worker runs it: files that share a stack run in one, and the longest run first.

A browser test that fails runs once more, and the summary names it: on a busy machine a click can meet an element that
is being drawn anew.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings

settings.register_profile("repeatable", settings.get_profile("ci"), max_examples=50)
settings.load_profile("repeatable")

# A worker that is given the longest file at the end runs alone while the others have nothing left.
LONGEST_FIRST: Final = (
    "browser/test_journeys.py",
    "browser/test_site.py",
    "parity/test_other_domains_parity.py",
    "parity/test_stories_parity.py",
    "browser/test_explore_filters.py",
    "commands/test_up.py",
    "parity/test_ask_with_a_model.py",
    "commands/test_parity.py",
    "commands/test_mismatches.py",
    "commands/test_retirement.py",
    "parity/test_owner_keys_parity.py",
    "e2e/test_artefacts.py",
    "faults/test_search_index_lost.py",
    "browser/test_migration.py",
    "e2e/test_local_cloud.py",
    "commands/test_ingest.py",
    "commands/test_flags.py",
)
SHARING: Final = {
    "parity/test_stories_parity.py": "the sample's stack",
    "parity/test_other_domains_parity.py": "the sample's stack",
    "parity/test_openapi_conformance.py": "the sample's stack",
    "commands/test_parity.py": "the commands' stack",
    "commands/test_mismatches.py": "the commands' stack",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get(_short(item.path), len(ranks)))
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedule as `--dist=loadfile` does, but files that share a stack as one."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - a run of one file does without it

    class ByStack(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return SHARING.get(_short(Path(file)), file)

    return ByStack(config, log)


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])
