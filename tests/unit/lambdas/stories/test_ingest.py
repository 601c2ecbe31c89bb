"""Ingest of stories: idempotent, resumable, safe with concurrent ingests, with cleanup."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.story import Story, content_hash, corpus_version
from lambdas.common.aws.timestamped_table import ATTEMPTS
from lambdas.common.aws.version_pointer import NoCorpus
from lambdas.common.ingest.limits import MAX_ITEM_BYTES
from lambdas.common.ingest.run import GRACE, IngestError
from lambdas.stories.ingest.job import ingest
from tests.support.faults.aws_clients import Countdown, CountedClient, Killed, PatchedClient, client_error
from tests.support.stacks.stories import EMBEDDER, FakeStack, new_stack

OLD = tuple(Story(id=f"old {n}", title="Old") for n in range(3))
NEW = tuple(Story(id=f"new {n}", title="New") for n in range(30))


@pytest.fixture
def stack() -> FakeStack:
    return new_stack()


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    return waits


def hashes(*stories: Story) -> set[str]:
    return {content_hash(story) for story in stories}


def served(stack: FakeStack) -> str:
    return stack.pointer().corpus_version


def later(stack: FakeStack, by: timedelta = 2 * GRACE) -> None:
    moment = stack.now() + by
    stack.now = lambda: moment


def test_a_corpus_is_written_and_served(stack: FakeStack) -> None:
    report = stack.ingest(*NEW)
    assert (report.stories, report.bodies_written, report.switched) == (30, 30, True)
    assert report.corpus_version == served(stack) == corpus_version(NEW, EMBEDDER)
    assert stack.bodies() == hashes(*NEW)
    assert stack.listings() == {report.listing_key}


def test_the_same_corpus_again_writes_nothing(stack: FakeStack) -> None:
    stack.ingest(*NEW)
    countdown = Countdown(100)
    again = stack.ingest(
        *reversed(NEW), dynamodb=CountedClient(stack.dynamodb, countdown), s3=CountedClient(stack.s3, countdown)
    )
    assert (again.bodies_written, again.switched) == (0, False)
    assert not {"batch_write_item", "put_item", "put_object", "delete_item", "delete_object"} & set(countdown.made)


def test_only_changed_bodies_are_written(stack: FakeStack) -> None:
    stack.ingest(*NEW)
    later(stack)
    changed = NEW[0].model_copy(update={"title": "Changed"})
    report = stack.ingest(changed, *NEW[1:])
    assert (report.bodies_written, report.switched) == (1, True)


def test_another_embedder_switches_the_corpus_without_new_bodies(stack: FakeStack) -> None:
    stack.ingest(*NEW)
    report = ingest(NEW, "another", stack.target(), lambda *_: None)
    assert (report.bodies_written, report.switched) == (0, True)
    assert served(stack) == corpus_version(NEW, "another")


def test_progress_is_reported_by_phase_and_ends_complete(stack: FakeStack) -> None:
    reports: list[tuple[int, int, str]] = []
    ingest(NEW, EMBEDDER, stack.target(), lambda *step: reports.append(step))
    assert list(dict.fromkeys(phase for *_, phase in reports)) == ["prepare", "check", "write", "publish", "retire"]
    assert {phase: (done, total) for done, total, phase in reports} == {
        "prepare": (30, 30),
        "check": (0, 30),
        "write": (30, 30),
        "publish": (1, 1),
        "retire": (1, 1),
    }
    assert all(done <= total for done, total, _ in reports)


def kill_points(stack: FakeStack) -> Iterator[int]:
    """Numbers of AWS calls after which a run can be killed."""
    for calls in range(100):
        countdown = Countdown(calls)
        counted = {
            "dynamodb": CountedClient(stack.dynamodb, countdown),
            "s3": CountedClient(stack.s3, countdown),
        }
        try:
            stack.ingest(*NEW, **counted)
        except Killed:
            yield calls
        else:
            return


def test_a_run_killed_at_any_call_leaves_a_complete_corpus_and_the_next_run_resumes() -> None:
    stack = new_stack()
    stack.ingest(*OLD)
    written_before: set[str] = set()
    deaths = 0
    for _ in kill_points(stack):
        deaths += 1
        pointer = stack.pointer()
        assert pointer.corpus_version in (corpus_version(OLD, EMBEDDER), corpus_version(NEW, EMBEDDER))
        assert pointer.listing_key in stack.listings()
        assert hashes(*(OLD if pointer.corpus_version == corpus_version(OLD, EMBEDDER) else NEW)) <= stack.bodies()
        assert written_before <= stack.bodies()
        written_before = stack.bodies()
    assert deaths > 6
    assert served(stack) == corpus_version(NEW, EMBEDDER)
    assert stack.bodies() == hashes(*OLD, *NEW)


def test_a_resumed_run_writes_only_the_rest(stack: FakeStack) -> None:
    writes = 0

    def die_at_the_second(real: Any, **request: Any) -> Any:
        nonlocal writes
        writes += 1
        if writes == 2:
            raise Killed
        return real(**request)

    with pytest.raises(Killed):
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "batch_write_item", die_at_the_second))
    assert len(stack.bodies()) == 25
    assert stack.ingest(*NEW).bodies_written == 5


def test_unprocessed_keys_are_requested_again(stack: FakeStack, no_waits: list[float]) -> None:
    def read_half(real: Any, **request: Any) -> Any:
        ((table, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        half = (len(keys) + 1) // 2
        answer = real(RequestItems={table: {**wanted, "Keys": keys[:half]}})
        return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": keys[half:]}} if keys[half:] else {}}

    stack.ingest(*NEW)
    report = stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "batch_get_item", read_half))
    assert report.bodies_written == 0


def test_lasting_throttling_reports_what_is_done_and_what_is_left(stack: FakeStack, no_waits: list[float]) -> None:
    stack.ingest(*OLD)
    calls = 0

    def throttle_after_the_first(real: Any, **request: Any) -> Any:
        nonlocal calls
        calls += 1
        return real(**request) if calls == 1 else {"UnprocessedItems": request["RequestItems"]}

    with pytest.raises(IngestError, match=r"25 of 30 new bodies are written; 5 bodies, the listing and the switch"):
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "batch_write_item", throttle_after_the_first))
    assert len(no_waits) == ATTEMPTS - 1
    assert served(stack) == corpus_version(OLD, EMBEDDER)
    assert stack.ingest(*NEW).bodies_written == 5


@pytest.mark.parametrize("operation", ["get_item", "batch_get_item"])
def test_a_table_that_cannot_be_read_is_reported_before_anything_is_written(stack: FakeStack, operation: str) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise client_error("AccessDeniedException")

    with pytest.raises(IngestError, match="nothing was written") as caught:
        stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, operation, refuse))
    assert "arn:aws:secret" not in str(caught.value)
    assert stack.keys() == set()


def test_a_failed_upload_leaves_the_old_corpus_served(stack: FakeStack) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise client_error("ServiceUnavailable")

    stack.ingest(*OLD)
    with pytest.raises(IngestError, match="all bodies are written; the listing and the switch are left"):
        stack.ingest(*NEW, s3=PatchedClient(stack.s3, "put_object", refuse))
    assert served(stack) == corpus_version(OLD, EMBEDDER)


@pytest.mark.parametrize("first", [(), OLD])
def test_of_two_concurrent_ingests_the_later_switch_fails(stack: FakeStack, first: tuple[Story, ...]) -> None:
    if first:
        stack.ingest(*first)

    def after_another_one(real: Any, **request: Any) -> Any:
        stack.ingest(*NEW)
        return real(**request)

    other = tuple(Story(id=f"other {n}") for n in range(3))
    with pytest.raises(IngestError, match="another ingest switched the corpus"):
        stack.ingest(*other, s3=PatchedClient(stack.s3, "put_object", after_another_one))
    assert served(stack) == corpus_version(NEW, EMBEDDER)
    assert stack.ingest(*other).bodies_written == 0


def test_items_that_two_versions_no_longer_need_are_deleted(stack: FakeStack) -> None:
    third = (Story(id="third"), NEW[0])
    stack.ingest(*OLD)
    later(stack)
    second = stack.ingest(*NEW)
    assert (second.bodies_retired, second.listings_retired) == (0, 0)
    later(stack)
    report = stack.ingest(*third)
    assert (report.bodies_retired, report.listings_retired) == (len(OLD), 1)
    assert stack.bodies() == hashes(*NEW, *third)
    assert stack.listings() == {report.listing_key, second.listing_key}


def test_recent_items_stay_because_a_concurrent_ingest_may_need_them(stack: FakeStack) -> None:
    stack.ingest(*OLD)
    stack.ingest(*NEW)
    report = stack.ingest(Story(id="third"))
    assert (report.bodies_retired, report.listings_retired) == (0, 0)


def test_a_reused_old_body_is_not_deleted_by_a_concurrent_cleanup(stack: FakeStack) -> None:
    stack.ingest(*OLD)
    stack.ingest(*NEW)
    stack.ingest(Story(id="third"))
    later(stack)
    report = stack.ingest(*OLD)
    assert report.bodies_written == len(OLD)
    assert hashes(*OLD) <= stack.bodies()


def test_a_failed_cleanup_is_reported_and_harms_nothing(stack: FakeStack) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise client_error("AccessDeniedException")

    report = stack.ingest(*NEW, dynamodb=PatchedClient(stack.dynamodb, "get_paginator", lambda *_, **__: refuse()))
    assert "AccessDenied" not in report.retire_problem
    assert report.retire_problem
    assert served(stack) == corpus_version(NEW, EMBEDDER)


@pytest.mark.parametrize("damage", ["delete", "garbage"])
def test_a_lost_or_damaged_catalog_is_rebuilt(stack: FakeStack, damage: str) -> None:
    first = stack.ingest(*NEW)
    if damage == "delete":
        stack.s3.delete_object(Bucket=stack.bucket, Key=first.listing_key)
    else:
        stack.s3.put_object(Bucket=stack.bucket, Key=first.listing_key, Body=b"x" * first.listing_bytes)
    again = stack.ingest(*NEW)
    assert (again.switched, again.bodies_written) == (True, 0)
    assert again.listing_key != first.listing_key


def test_a_lost_body_is_written_again(stack: FakeStack) -> None:
    stack.ingest(*NEW)
    stack.dynamodb.delete_item(TableName=stack.table, Key={"pk": {"S": content_hash(NEW[3])}})
    assert stack.ingest(*NEW).bodies_written == 1
    assert stack.bodies() == hashes(*NEW)


def noise(size: int) -> str:
    draw = random.Random(7)
    return "".join(chr(draw.randint(32, 126)) for _ in range(size))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((Story(id="huge|story", content=noise(2 * MAX_ITEM_BYTES)),), r"'huge\|story' is too big: .* compressed"),
        ((Story(id="long|story", content="x" * 2_000_001),), r"'long\|story' is too big: .* as JSON"),
        ((Story(id="titled|story", title="x" * 50_000),), r"'titled\|story' is too big: .* as a card"),
        ((NEW[0],), "two stories have the id 'new 0'"),
    ],
)
def test_a_corpus_that_cannot_be_served_is_rejected_whole(
    stack: FakeStack, bad: tuple[Story, ...], message: str
) -> None:
    with pytest.raises(IngestError, match=message):
        stack.ingest(*NEW, *bad)
    assert stack.keys() == set()


def test_an_empty_corpus_is_rejected(stack: FakeStack) -> None:
    with pytest.raises(IngestError, match="no story"):
        stack.ingest()
    with pytest.raises(NoCorpus):
        stack.pointer()


def test_the_time_of_the_ingest_is_stored(stack: FakeStack) -> None:
    stack.now = lambda: datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    stack.ingest(*OLD)
    assert stack.pointer().ingested_at == "2030-01-02T03:04:05+00:00"
