"""How the test run is cut: files that run first exist, and a sample of requests holds every edge case."""

import re
from pathlib import Path
from typing import Any

from backend_clients.routing.read_router import Operation
from backend_clients.stories.remote import ENDPOINTS
from contracts.stories import StoryRequest
from operations.parity.runner import GeneratedRequest
from tests.conftest import LONGEST_FIRST, SHARING
from tests.support.sampling import sampled
from tests.support.site.chromium import HOW_TO, report

TESTS = Path(__file__).resolve().parents[1]


def test_the_files_that_run_first_or_share_a_stack_exist() -> None:
    names = {"/".join(file.parts[-2:]) for file in TESTS.rglob("test_*.py")}
    gone = {*LONGEST_FIRST, *SHARING} - names
    assert {name for name in gone if not name.startswith("parity/")} == set()  # a deleted domain takes its own along


def test_a_run_without_a_browser_says_first_what_it_leaves_out_and_fails_in_ci() -> None:
    said, code = report(None, in_ci=False)
    assert code == 0
    assert HOW_TO in said
    named = {line.strip() for line in said.splitlines() if line.startswith("  tests/")}
    assert {f"tests/e2e/browser/{file.name}" for file in (TESTS / "e2e" / "browser").glob("test_*.py")} <= named
    assert "tests/e2e/commands/test_up.py" in named
    assert "tests/e2e/pages/test_home.py" not in named
    assert report(None, in_ci=True)[1] == 1
    assert report(Path("/usr/bin/chromium"), in_ci=True)[1] == 0
    makefile = (TESTS.parent / "Makefile").read_text("utf-8")
    (recipe,) = re.findall(r"^test:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe.startswith("\t@$(BIN)/python -m tests.support.site.chromium\n")


def generated(name: str, count: int) -> list[GeneratedRequest]:
    operation: Operation[Any, Any] = Operation(ENDPOINTS[name], None, _not_called, _not_called)
    return [GeneratedRequest(operation, StoryRequest(id=f"{name} {number}")) for number in range(count)]


def _not_called(_: Any) -> Any:
    raise AssertionError("a sample asks for nothing")


def is_edge(item: GeneratedRequest) -> bool:
    return str(item.request.id).endswith("9")


def test_a_sample_holds_every_edge_case_and_a_third_of_each_operations_others() -> None:
    requests = generated("get", 100) + generated("related", 20)
    kept = sampled(requests, is_edge, full=False)
    assert [item for item in kept if is_edge(item)] == [item for item in requests if is_edge(item)]
    assert sum(item.operation.name == "get" for item in kept) == 10 + 30
    assert sum(item.operation.name == "related" for item in kept) == 2 + 6
    assert kept == sampled(requests, is_edge, full=False)
    assert [item for item in requests if item in kept] == kept


def test_a_full_run_has_all_and_one_request_is_never_left_out() -> None:
    requests = generated("get", 50)
    assert sampled(requests, is_edge, full=True) == requests
    assert sampled(requests[:1], is_edge, full=False) == requests[:1]
