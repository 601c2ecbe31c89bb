"""The steps of an ingest: their order, what an error of AWS leaves served, and failed cleanups."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http.problems import DependencyDown
from lambdas.common.index.snapshot import SnapshotError
from lambdas.common.ingest.limits import CorpusRejected
from lambdas.common.ingest.run import (
    CleanupResult,
    IngestError,
    delete_old,
    run_ingest,
    switch_pointer,
    translate_rejection,
)
from lambdas.stories.pointer import Pointer
from tests.support.stacks.stories import new_stack

FIRST = Pointer("v1", "listings/1", "00", 3, "2030-01-01T00:00:00+00:00")
DOWN = EndpointConnectionError(endpoint_url="http://nowhere.invalid")


@dataclass
class Steps:
    """Steps that note their calls; the one named by `failing` raises an error of AWS."""

    item: PointerItem[Pointer]
    failing: str = ""
    calls: list[str] = field(default_factory=list)
    unread: str = "nothing read"
    unpublished: str = "not published"

    def plan(self, current: Pointer | None) -> str:
        self._called("plan")
        return f"after {current.corpus_version if current else 'nothing'}"

    def write(self, plan: str) -> str:
        self._called("write")
        return f"{plan}, written"

    def publish(self, _written: str, current: Pointer | None) -> tuple[Pointer, bool]:
        self._called("publish")
        switch_pointer(self.item, FIRST, current)
        return FIRST, True

    def clean_up(self, pointer: Pointer) -> tuple[CleanupResult, ...]:
        self._called("clean_up")
        return CleanupResult(2), CleanupResult(problem=f"kept {pointer.corpus_version}"), CleanupResult(problem="more")

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name == self.failing:
            raise DOWN


@pytest.fixture
def item() -> PointerItem[Pointer]:
    stack = new_stack()
    return PointerItem(stack.dynamodb, stack.table, Pointer)


def run(steps: Steps) -> tuple[Any, list[str]]:
    phases: list[str] = []
    return run_ingest(steps, steps.item, lambda done, _total, phase: phases.append(f"{phase} {done}")), phases


def test_the_steps_run_in_order_and_their_results_are_returned(item: PointerItem[Pointer]) -> None:
    steps = Steps(item)
    result, phases = run(steps)
    assert steps.calls == ["plan", "write", "publish", "clean_up"]
    assert phases == ["publish 0", "publish 1", "retire 0", "retire 1"]
    assert (result.pointer, result.switched, result.written) == (FIRST, True, "after nothing, written")
    assert result.cleanup_problem == "kept v1; more"
    assert item.read() == FIRST


@pytest.mark.parametrize(("failing", "message"), [("plan", "nothing read"), ("publish", "not published")])
def test_an_error_of_aws_states_the_progress_and_serves_nothing(
    failing: str, message: str, item: PointerItem[Pointer]
) -> None:
    steps = Steps(item, failing)
    with pytest.raises(IngestError, match=rf"^{message} \(EndpointConnectionError\); running this again"):
        run(steps)
    assert steps.calls[-1] == failing
    assert item.read_latest() is None


def test_a_rejected_corpus_is_an_ingest_error() -> None:
    with pytest.raises(IngestError, match=r"^no story; nothing was written$"), translate_rejection():
        raise CorpusRejected("no story")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (DOWN, "old bodies are still there: EndpointConnectionError"),
        (SnapshotError("damaged"), "old bodies are still there: SnapshotError"),
        (DependencyDown("Pinecone is down."), "old bodies are still there: Pinecone is down."),
    ],
)
def test_a_failed_deletion_is_reported(error: Exception, problem: str) -> None:
    def delete() -> int:
        raise error

    assert delete_old("bodies", delete) == CleanupResult(0, problem)


@pytest.mark.parametrize("delete", [lambda: 0, lambda: 3])
def test_a_deletion_reports_its_number(delete: Callable[[], int]) -> None:
    assert delete_old("bodies", delete) == CleanupResult(delete(), "")
