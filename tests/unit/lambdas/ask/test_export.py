"""The nightly export: closed conversations, each once, whatever happens to a run."""

import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contracts.conversations import FeedbackRequest, Turn
from lambdas.ask.conversations.store import Conversations
from lambdas.ask.export import job
from lambdas.ask.export.job import ExportReport
from lambdas.ask.export.multipart_object import ExportObject
from lambdas.ask.export.rewriting import remove_sessions
from tests.support.faults.aws_clients import Countdown, CountedClient, Killed, PatchedClient, client_error
from tests.support.stacks.ask import SESSION, FakeAskStack, new_ask_stack, turn

DAY = 24 * 3600


@pytest.fixture
def stack() -> FakeAskStack:
    return new_ask_stack()


def session(number: int) -> str:
    return f"session-{number:010d}"


def talk(stack: FakeAskStack, sessions: int, turns: int = 2) -> None:
    for number in range(sessions):
        for place in range(1, turns + 1):
            stack.kept.append(turn(place, session(number)))


def objects(stack: FakeAskStack) -> dict[str, list[dict[str, Any]]]:
    found = stack.s3.list_objects_v2(Bucket=stack.bucket).get("Contents", [])
    return {
        item["Key"]: [
            json.loads(line)
            for line in stack.s3.get_object(Bucket=stack.bucket, Key=item["Key"])["Body"].read().splitlines()
        ]
        for item in found
    }


def lines(stack: FakeAskStack) -> list[dict[str, Any]]:
    return [line for part in objects(stack).values() for line in part]


def names(stack: FakeAskStack) -> list[tuple[str, str]]:
    return sorted((line["session_id"], line["turn_id"]) for line in lines(stack))


def run(stack: FakeAskStack, **clients: Any) -> ExportReport:
    return stack.export(**clients).run(lambda: True)


def test_closed_conversations_are_exported_in_their_order(stack: FakeAskStack) -> None:
    talk(stack, sessions=3)
    stack.clock.seconds += DAY
    assert run(stack) == ExportReport(parts=1, sessions=3, turns=6, finished=True)
    ((key, exported),) = objects(stack).items()
    assert key.startswith("conversations/date=2023-11-15/")
    assert key.endswith(".jsonl")
    assert [(line["session_id"], line["turn_id"]) for line in exported] == [
        (session(number), turn(place).turn_id) for number in range(3) for place in (1, 2)
    ]
    assert Turn.model_validate({k: v for k, v in exported[0].items() if k != "feedback"}) == turn(1, session(0))
    assert exported[0]["feedback"] is None


def test_a_verdict_goes_along(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.kept.record_feedback(
        FeedbackRequest(session_id=session(0), turn_id=turn(1).turn_id, helpful=False, comment='"no" 😀')
    )
    stack.clock.seconds += DAY
    run(stack)
    assert [line["feedback"] for line in lines(stack)] == [
        {"helpful": False, "comment": '"no" 😀', "rated_at": 0},
        None,
    ]


def test_open_conversations_wait(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.clock.seconds += DAY - 1
    assert run(stack) == ExportReport()
    assert objects(stack) == {}
    stack.clock.seconds += 1
    assert run(stack).sessions == 1


def test_what_was_exported_is_not_exported_again(stack: FakeAskStack) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    run(stack)
    stack.clock.seconds += DAY
    assert run(stack) == ExportReport()
    assert len(objects(stack)) == 1


def test_a_conversation_taken_up_again_is_exported_again_as_a_whole(stack: FakeAskStack) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    run(stack)
    stack.kept.append(turn(3, session(1)))
    stack.clock.seconds += DAY
    assert run(stack) == ExportReport(parts=1, sessions=1, turns=3)
    later = max(objects(stack))
    assert later.startswith("conversations/date=2023-11-16/")
    assert [line["turn_id"] for line in objects(stack)[later]] == [turn(place).turn_id for place in (1, 2, 3)]


def test_the_table_says_where_a_conversation_went(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.clock.seconds += DAY
    run(stack)
    (key,) = objects(stack)
    about = next(item for item in stack.items() if item["sk"]["S"] == "about")
    assert (about["exports"]["SS"], "unexported" in about) == ([key], False)
    pointer = next(item for item in stack.items() if item["pk"]["S"] == "export")
    assert (pointer["key"]["S"], pointer["done"]["BOOL"]) == (key, True)


def test_a_forgotten_conversation_is_not_exported(stack: FakeAskStack) -> None:
    talk(stack, sessions=2)
    stack.kept.forget(session(0))
    stack.clock.seconds += DAY
    run(stack)
    assert {line["session_id"] for line in lines(stack)} == {session(1)}


def everything(stack: FakeAskStack) -> str:
    """All that the bucket holds, earlier versions included."""
    versions = stack.s3.list_object_versions(Bucket=stack.bucket).get("Versions", [])
    bodies = (
        stack.s3.get_object(Bucket=stack.bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
        for version in versions
    )
    return b"".join(bodies).decode()


def test_forgetting_takes_a_conversation_out_of_what_was_exported_at_the_next_export(stack: FakeAskStack) -> None:
    talk(stack, sessions=3)
    stack.clock.seconds += DAY
    run(stack)
    stack.kept.append(turn(3, session(1)))
    stack.clock.seconds += DAY
    run(stack)  # the session is in two objects now
    stack.kept.forget(session(1))
    assert run(stack) == ExportReport(rewritten=2)
    assert session(1) not in everything(stack)
    assert {name for name, _ in names(stack)} == {session(0), session(2)}
    assert run(stack) == ExportReport()


def test_an_object_of_which_nothing_is_left_is_deleted_with_its_versions(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.clock.seconds += DAY
    run(stack)
    stack.kept.forget(session(0))
    run(stack)
    assert everything(stack) == ""
    found = stack.s3.list_object_versions(Bucket=stack.bucket)
    assert not found.get("Versions")
    assert not found.get("DeleteMarkers")


def test_a_conversation_forgotten_while_it_is_exported_is_taken_out_by_the_same_run(stack: FakeAskStack) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY

    def forget_then_complete(real: Any, *args: Any, **kwargs: Any) -> Any:
        stored = real(*args, **kwargs)
        stack.kept.forget(session(0))
        return stored

    assert run(stack, s3=PatchedClient(stack.s3, "put_object", forget_then_complete)).rewritten == 1
    assert session(0) not in everything(stack)
    assert {name for name, _ in names(stack)} == {session(1)}


@pytest.mark.parametrize("calls", range(12))
def test_a_deletion_killed_anywhere_is_finished_by_the_next(stack: FakeAskStack, calls: int) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    run(stack)
    with suppress(Killed):
        Conversations(CountedClient(stack.dynamodb, Countdown(calls)), stack.table, stack.clock).forget(session(0))
    stack.kept.forget(session(0))
    run(stack)
    assert session(0) not in everything(stack)


@pytest.mark.parametrize("calls", range(12))
def test_a_rewrite_killed_anywhere_is_finished_by_the_next(stack: FakeAskStack, calls: int) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    run(stack)
    stack.kept.forget(session(0))
    countdown = Countdown(calls)
    with suppress(Killed):
        run(stack, dynamodb=CountedClient(stack.dynamodb, countdown), s3=CountedClient(stack.s3, countdown))
    run(stack)
    assert session(0) not in everything(stack)
    assert {name for name, _ in names(stack)} == {session(1)}


def test_an_object_changed_while_it_is_rewritten_is_read_again(stack: FakeAskStack) -> None:
    talk(stack, sessions=3)
    stack.clock.seconds += DAY
    run(stack)
    (key,) = objects(stack)
    stack.kept.forget(session(0))
    other_run = iter([lambda: remove_sessions(stack.s3, stack.bucket, key, {session(1)})])

    def changed_first(real: Any, *args: Any, **kwargs: Any) -> Any:
        next(other_run, lambda: None)()
        return real(*args, **kwargs)

    run(stack, s3=PatchedClient(stack.s3, "put_object", changed_first))
    assert {name for name, _ in names(stack)} == {session(2)}


def test_a_run_that_another_overtakes_deletes_nothing_of_it(stack: FakeAskStack) -> None:
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    slow = stack.export()
    begun = next(slow._parts())
    other_run = iter([lambda: run(stack)])

    def overtaken(real: Any, *args: Any, **kwargs: Any) -> Any:
        stored = real(*args, **kwargs)
        next(other_run, lambda: None)()
        return stored

    stack.export(s3=PatchedClient(stack.s3, "put_object", overtaken))._write(begun)
    assert names(stack) == sorted((session(n), turn(place).turn_id) for n in range(2) for place in (1, 2))


def test_a_completion_that_is_rejected_leaves_no_upload_behind(stack: FakeAskStack) -> None:
    size = 5 * 1024 * 1024

    def rejected(real: Any, **request: Any) -> Any:
        raise client_error("PreconditionFailed")

    s3 = PatchedClient(stack.s3, "complete_multipart_upload", rejected)

    def write() -> None:
        with ExportObject(s3, stack.bucket, "large", chunk_bytes=size, replaces='"other"') as written:
            written.add(b"x" * size)

    with pytest.raises(ClientError):
        write()
    assert not stack.s3.list_multipart_uploads(Bucket=stack.bucket).get("Uploads")


def test_a_conversation_that_goes_on_after_half_a_deletion_is_exported_once(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)

    def throttled(real: Any, **request: Any) -> Any:
        raise Killed

    with suppress(Killed):
        Conversations(PatchedClient(stack.dynamodb, "batch_write_item", throttled), stack.table, stack.clock).forget(
            session(0)
        )
    stack.kept.append(turn(3, session(0)))
    stack.clock.seconds += DAY
    assert run(stack).turns == 3
    stack.clock.seconds += DAY
    assert run(stack) == ExportReport()
    assert len(lines(stack)) == 3


def test_a_tombstone_expires_once_no_object_holds_its_conversation(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.clock.seconds += DAY
    run(stack)
    stack.kept.forget(session(0))
    (tombstone,) = (item for item in stack.items() if item["pk"]["S"] == "forgotten")
    assert "expires_at" not in tombstone
    run(stack)
    (tombstone,) = (item for item in stack.items() if item["pk"]["S"] == "forgotten")
    assert int(tombstone["expires_at"]["N"]) == stack.clock.seconds + job.TOMBSTONE_SECONDS
    assert "exports" not in tombstone


def test_forgetting_an_unknown_session_writes_nothing(stack: FakeAskStack) -> None:
    assert stack.kept.forget("nobody-0123456789") == 0
    assert stack.items() == []


def test_a_session_touched_for_nothing_leaves_nothing(stack: FakeAskStack) -> None:
    stack.kept._touch(SESSION)
    stack.clock.seconds += DAY
    assert run(stack) == ExportReport(parts=1, sessions=1)
    assert objects(stack) == {}
    assert {item["pk"]["S"] for item in stack.items()} == {"export"}


def test_a_run_out_of_time_leaves_the_rest_to_the_next(stack: FakeAskStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "SESSIONS_A_PART", 2)
    talk(stack, sessions=5, turns=1)
    stack.clock.seconds += DAY
    assert stack.export().run(lambda: False) == ExportReport(parts=1, sessions=2, turns=2, finished=False)
    assert run(stack) == ExportReport(parts=2, sessions=3, turns=3)
    assert names(stack) == [(session(number), turn(1).turn_id) for number in range(5)]


@pytest.mark.parametrize("calls", range(0, 32, 2))
def test_a_run_killed_anywhere_is_finished_by_the_next(
    stack: FakeAskStack, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "SESSIONS_A_PART", 2)
    talk(stack, sessions=3)
    stack.clock.seconds += DAY
    countdown = Countdown(calls)
    counted = (CountedClient(client, countdown) for client in (stack.dynamodb, stack.s3))
    with suppress(Killed):
        run(stack, **dict(zip(("dynamodb", "s3"), counted, strict=True)))
    run(stack)
    assert names(stack) == sorted((session(n), turn(place).turn_id) for n in range(3) for place in (1, 2))
    assert not any("unexported" in item for item in stack.items())
    assert run(stack) == ExportReport()


def test_two_runs_at_once_export_nothing_twice(stack: FakeAskStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "SESSIONS_A_PART", 1)
    talk(stack, sessions=2)
    stack.clock.seconds += DAY
    first, second = stack.export(), stack.export()
    parts = first._parts()
    begun = next(parts)
    second.run(lambda: True)
    first._write(begun)
    first.run(lambda: True)
    assert len(names(stack)) == len(set(names(stack))) == 4


def test_a_turn_kept_while_the_export_runs_is_not_lost(stack: FakeAskStack) -> None:
    talk(stack, sessions=1)
    stack.clock.seconds += DAY
    export = stack.export()
    begun = next(export._parts())
    stack.kept.append(turn(3, session(0)))
    export._write(begun)
    stack.clock.seconds += DAY
    assert run(stack).turns == 3


def test_a_large_object_is_sent_in_parts(stack: FakeAskStack) -> None:
    size = 5 * 1024 * 1024
    text = [b"%d" % number + b"x" * size for number in range(3)]
    with ExportObject(stack.s3, stack.bucket, "large", chunk_bytes=size) as written:
        for line in (*text, b"last"):
            written.add(line)
    found = stack.s3.get_object(Bucket=stack.bucket, Key="large")
    assert found["Body"].read().splitlines() == [*text, b"last"]
    assert found["ContentType"] == "application/x-ndjson"


def test_an_object_that_fails_leaves_nothing_behind(stack: FakeAskStack) -> None:
    size = 5 * 1024 * 1024

    def fail() -> None:
        with ExportObject(stack.s3, stack.bucket, "k", chunk_bytes=size) as written:
            written.add(b"x" * size)
            raise Killed

    with pytest.raises(Killed):
        fail()
    assert "Contents" not in stack.s3.list_objects_v2(Bucket=stack.bucket)
    assert not stack.s3.list_multipart_uploads(Bucket=stack.bucket).get("Uploads")
