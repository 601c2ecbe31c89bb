"""Ingest of industries: idempotent, resumable, safe with concurrent ingests, with cleanup."""

import random
from datetime import timedelta
from typing import Any

import pytest

from contracts.story import Story, corpus_version
from lambdas.common.aws.timestamped_table import ATTEMPTS
from lambdas.common.ingest.run import GRACE, IngestError
from lambdas.industries.ingest import preparation
from lambdas.industries.ingest.job import ingest
from tests.support.faults.aws_clients import Countdown, CountedClient, Killed, PatchedClient, client_error
from tests.support.stacks.industries import EMBEDDER, FakeIndustriesStack, new_industries_stack

OLD = (Story(id="old", industry="Retail"),)
NEW = tuple(Story(id=f"new {n}", industry=f"Industry {n:02}") for n in range(20))
OTHER = (Story(id="other", industry="Energy"),)
ITEMS = 1 + 2 * len(NEW)
WRITES = {"batch_write_item", "put_item", "delete_item", "update_item"}


@pytest.fixture
def stack() -> FakeIndustriesStack:
    return new_industries_stack()


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    return waits


def later(stack: FakeIndustriesStack, by: timedelta = 2 * GRACE) -> None:
    moment = stack.now() + by
    stack.now = lambda: moment


def refuse(*_: Any, **__: Any) -> Any:
    raise client_error("AccessDeniedException")


def test_a_corpus_is_written_and_served(stack: FakeIndustriesStack) -> None:
    report = stack.ingest(*NEW)
    pointer = stack.pointer()
    assert (report.industries, report.items_written, report.switched) == (len(NEW), ITEMS, True)
    assert (pointer.edition, pointer.corpus_version) == (report.edition, corpus_version(NEW, EMBEDDER))
    assert report.edition.startswith(report.corpus_version)
    slugs = [f"industry-{n:02}" for n in range(20)]
    about = {f"{kind}#{slug}" for kind in ("detail", "categories") for slug in slugs}
    assert stack.names(report.edition) == {"list", *about}


def test_the_same_corpus_again_writes_nothing(stack: FakeIndustriesStack) -> None:
    first = stack.ingest(*NEW)
    later(stack)
    countdown = Countdown(100)
    again = stack.ingest(*reversed(NEW), dynamodb=CountedClient(stack.dynamodb, countdown))
    assert (again.items_written, again.switched, again.edition) == (0, False, first.edition)
    assert not WRITES.intersection(countdown.made)


def test_other_rules_publish_a_new_version_of_the_same_corpus(
    stack: FakeIndustriesStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stack.ingest(*NEW)
    monkeypatch.setattr("lambdas.industries.aggregates.MAX_ENTRIES", 3)
    second = stack.ingest(*NEW)
    assert (second.corpus_version, second.switched) == (first.corpus_version, True)
    assert second.edition != first.edition


def test_another_format_publishes_a_new_version(stack: FakeIndustriesStack, monkeypatch: pytest.MonkeyPatch) -> None:
    first = stack.ingest(*NEW)
    monkeypatch.setattr(preparation, "FORMAT", 999)
    assert stack.ingest(*NEW).edition != first.edition


def test_progress_is_reported_by_phase_and_ends_complete(stack: FakeIndustriesStack) -> None:
    reports: list[tuple[int, int, str]] = []
    ingest(NEW, EMBEDDER, stack.target(), lambda *step: reports.append(step))
    assert list(dict.fromkeys(phase for *_, phase in reports)) == ["prepare", "check", "write", "publish", "retire"]
    assert {phase: (done, total) for done, total, phase in reports} == {
        "prepare": (20, 20),
        "check": (0, ITEMS),
        "write": (ITEMS, ITEMS),
        "publish": (1, 1),
        "retire": (1, 1),
    }
    assert all(done <= total for done, total, _ in reports)


def test_a_run_killed_at_any_call_leaves_a_complete_version_and_the_next_run_resumes(
    stack: FakeIndustriesStack,
) -> None:
    whole = {stack.ingest(*OLD).edition: 3, new_industries_stack().ingest(*NEW).edition: ITEMS}
    deaths, items_before = 0, 0
    for calls in range(100):
        try:
            stack.ingest(*NEW, dynamodb=CountedClient(stack.dynamodb, Countdown(calls)))
            break
        except Killed:
            deaths += 1
        served = stack.pointer().edition
        assert len(stack.names(served)) == whole[served]
        assert len(stack.keys()) >= items_before
        items_before = len(stack.keys())
    assert deaths >= 5
    assert stack.pointer().corpus_version == corpus_version(NEW, EMBEDDER)


def test_a_resumed_run_writes_only_the_rest(stack: FakeIndustriesStack) -> None:
    writes = 0

    def die_at_the_second(real: Any, **request: Any) -> Any:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise Killed
        return real(**request)

    with pytest.raises(Killed):
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "batch_write_item", die_at_the_second))
    assert len(stack.keys()) == 25
    assert stack.ingest(*NEW).items_written == ITEMS - 25


def test_lasting_throttling_reports_what_is_done_and_what_is_left(
    stack: FakeIndustriesStack, no_waits: list[float]
) -> None:
    old = stack.ingest(*OLD)
    calls = 0

    def throttle_after_the_first(real: Any, **request: Any) -> Any:
        nonlocal calls
        calls += 1
        return real(**request) if calls == 1 else {"UnprocessedItems": request["RequestItems"]}

    with pytest.raises(IngestError, match=r"25 of 41 new items are written; 16 items and the switch are left"):
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "batch_write_item", throttle_after_the_first))
    assert len(no_waits) == ATTEMPTS - 1
    assert stack.pointer().edition == old.edition
    assert stack.ingest(*NEW).items_written == 16


@pytest.mark.parametrize(
    ("operation", "message", "written"),
    [
        ("get_item", "could not be read; nothing was written", 0),
        ("batch_write_item", "0 of 41 new items are written", 0),
        ("put_item", "all items are written; the switch is left", ITEMS),
    ],
)
def test_an_error_reports_the_progress_of_the_ingest(
    stack: FakeIndustriesStack, operation: str, message: str, written: int
) -> None:
    with pytest.raises(IngestError, match=message) as caught:
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, operation, refuse))
    assert "arn:aws:secret" not in str(caught.value)
    assert len(stack.keys()) == written


def beside(stack: FakeIndustriesStack, *stories: Story) -> PatchedClient:
    """A client for which another ingest switches first."""
    return PatchedClient(stack.dynamodb, "put_item", lambda real, **request: stack.ingest(*stories) and real(**request))


@pytest.mark.parametrize("first", [(), OLD])
def test_of_two_concurrent_ingests_the_later_switch_fails(stack: FakeIndustriesStack, first: tuple[Story, ...]) -> None:
    if first:
        stack.ingest(*first)
    with pytest.raises(IngestError, match="another ingest switched the corpus"):
        stack.ingest(*OTHER, dynamodb=beside(stack, *NEW))
    assert stack.pointer().corpus_version == corpus_version(NEW, EMBEDDER)
    again = stack.ingest(*OTHER)
    assert (again.items_written, again.switched) == (0, True)


def test_two_ingests_of_the_same_corpus_at_once_both_succeed(stack: FakeIndustriesStack) -> None:
    stack.ingest(*OLD)
    report = stack.ingest(*NEW, dynamodb=beside(stack, *NEW))
    assert (report.switched, stack.pointer().edition) == (False, report.edition)


def test_versions_other_than_the_served_and_the_previous_are_deleted(stack: FakeIndustriesStack) -> None:
    stack.ingest(*OLD)
    later(stack)
    second = stack.ingest(*NEW)
    assert second.items_retired == 0
    later(stack)
    third = stack.ingest(*OTHER)
    assert (third.items_retired, third.retire_problem) == (3, "")
    assert stack.editions() == {second.edition, third.edition}
    assert stack.pointer().previous == second.edition


def test_recent_items_stay_because_a_concurrent_ingest_may_need_them(stack: FakeIndustriesStack) -> None:
    editions = {stack.ingest(*corpus).edition for corpus in (OLD, NEW, OTHER)}
    assert stack.editions() == editions


def test_the_previous_corpus_can_be_ingested_again(stack: FakeIndustriesStack) -> None:
    first = stack.ingest(*OLD)
    second = stack.ingest(*NEW)
    later(stack)
    again = stack.ingest(*OLD)
    assert (again.edition, again.switched) == (first.edition, True)
    assert again.items_written == 3  # written anew, so that no ingest beside this one retires them
    assert stack.editions() == {first.edition, second.edition}


def test_a_failed_cleanup_is_reported_and_harms_nothing(stack: FakeIndustriesStack) -> None:
    stack.ingest(*OLD)
    stack.ingest(*NEW)
    later(stack)
    report = stack.ingest(*OTHER, dynamodb=PatchedClient(stack.dynamodb, "delete_item", refuse))
    assert report.retire_problem == "old items are still there: ClientError"
    assert stack.pointer().edition == report.edition


def test_a_lost_item_is_written_again(stack: FakeIndustriesStack) -> None:
    report = stack.ingest(*NEW)
    stack.delete(report.edition, "detail#industry-03")
    again = stack.ingest(*NEW)
    assert (again.items_written, again.switched) == (1, False)


def noise(size: int) -> str:
    draw = random.Random(7)
    return "".join(chr(draw.randint(32, 126)) for _ in range(size))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (Story(id="huge", industry="Banking", client=noise(600_000)), "'detail#banking' is too big: .* compressed"),
        (Story(id="long", industry="Banking", result=("40%" + " x" * 1_000_000,)), "'detail#banking' .* as JSON"),
        (NEW[0], "two stories have the id 'new 0'"),
    ],
)
def test_a_corpus_that_cannot_be_served_is_rejected_whole(stack: FakeIndustriesStack, bad: Story, message: str) -> None:
    with pytest.raises(IngestError, match=message):
        stack.ingest(*NEW, bad)
    assert stack.keys() == set()


def test_an_empty_corpus_is_rejected(stack: FakeIndustriesStack) -> None:
    with pytest.raises(IngestError, match="no story"):
        stack.ingest()


def test_an_industry_without_a_valid_slug_is_only_listed(stack: FakeIndustriesStack) -> None:
    report = stack.ingest(Story(id="a", industry="x" * 1200))
    assert (report.industries, report.items_written) == (1, 1)
