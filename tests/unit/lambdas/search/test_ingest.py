"""Ingest of search: idempotent, atomic, safe with concurrent ingests, with cleanup."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.story import Story, corpus_version
from lambdas.common.http.problems import DependencyDown
from lambdas.common.ingest.limits import MAX_CARD_BYTES
from lambdas.common.ingest.run import GRACE, IngestError
from lambdas.search import index
from lambdas.search.ingest import index_builder
from lambdas.search.nonsense_rules import NonsenseRule
from tests.support.builders.search_corpora import WordEmbedder
from tests.support.faults.aws_clients import Countdown, CountedClient, Killed, PatchedClient, client_error
from tests.support.stacks.search import FakeSearchStack, new_search_stack

OLD = tuple(Story(id=f"old {n}", title="Old") for n in range(3))
NEW = tuple(Story(id=f"new {n}", title="New") for n in range(30))


@pytest.fixture
def stack() -> FakeSearchStack:
    return new_search_stack()


class BrokenEmbedder(WordEmbedder):
    def embed(self, texts: Any) -> Any:
        raise DependencyDown("The service is asleep.")


def test_a_corpus_is_indexed_and_served(stack: FakeSearchStack) -> None:
    seen: list[tuple[int, int, str]] = []
    report = stack.ingest(*NEW, on_progress=lambda *progress: seen.append(progress))

    assert (report.stories, report.switched, report.vectors_upserted) == (30, True, 0)
    assert report.corpus_version == stack.served() == corpus_version(NEW, "test-embedder")
    assert stack.indexes() == {report.index_key}
    assert list(dict.fromkeys(phase for _, _, phase in seen)) == ["embed", "index", "publish", "retire"]
    assert (30, 30, "embed") in seen


def test_the_same_corpus_again_embeds_and_writes_nothing(stack: FakeSearchStack) -> None:
    first = stack.ingest(*NEW)
    countdown, embedder = Countdown(100), WordEmbedder()
    again = stack.ingest(
        *reversed(NEW),
        embedder=embedder,
        dynamodb=CountedClient(stack.dynamodb, countdown),
        s3=CountedClient(stack.s3, countdown),
    )
    assert again == first.model_copy(update={"switched": False})
    assert not embedder.embedded
    assert not {"put_item", "put_object", "delete_object"}.intersection(countdown.made)


def test_other_rules_or_another_format_build_a_new_index(
    stack: FakeSearchStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stack.ingest(*NEW)
    second = stack.ingest(*NEW, rules=[NonsenseRule("spam", "buy now")])
    monkeypatch.setattr(index_builder, "FORMAT", index.FORMAT + 1)
    third = stack.ingest(*NEW, rules=[NonsenseRule("spam", "buy now")])
    assert second.switched
    assert third.switched
    assert {first.corpus_version, second.corpus_version, third.corpus_version} == {stack.served()}


@pytest.mark.parametrize("damage", ["gone", "corrupt"])
def test_a_lost_or_damaged_index_is_rebuilt(stack: FakeSearchStack, damage: str) -> None:
    first = stack.ingest(*NEW)
    if damage == "gone":
        stack.s3.delete_object(Bucket=stack.bucket, Key=first.index_key)
    else:
        stack.s3.put_object(Bucket=stack.bucket, Key=first.index_key, Body=b"rubbish")
    assert stack.ingest(*NEW).switched


def test_a_run_killed_at_any_call_leaves_the_old_or_the_new_corpus(stack: FakeSearchStack) -> None:
    old = stack.ingest(*OLD)
    for calls in range(20):
        countdown = Countdown(calls)
        try:
            report = stack.ingest(
                *NEW, dynamodb=CountedClient(stack.dynamodb, countdown), s3=CountedClient(stack.s3, countdown)
            )
        except Killed:
            assert stack.served() in (old.corpus_version, corpus_version(NEW, "test-embedder"))
            continue
        break
    assert stack.served() == report.corpus_version
    assert calls > 3


@pytest.mark.parametrize(
    ("client", "operation", "said"),
    [
        ("dynamodb", "get_item", "nothing was written"),
        ("s3", "put_object", "its upload and the switch are left"),
        ("dynamodb", "put_item", "its upload and the switch are left"),
    ],
)
def test_an_outage_reports_what_is_left_to_do(stack: FakeSearchStack, client: str, operation: str, said: str) -> None:
    old = stack.ingest(*OLD)

    def fail(_: Any, **__: Any) -> Any:
        raise client_error("InternalServerError")

    with pytest.raises(IngestError, match=said) as raised:
        stack.ingest(*NEW, **{client: PatchedClient(getattr(stack, client), operation, fail)})
    assert "secret" not in str(raised.value)
    assert stack.served() == old.corpus_version


def test_the_error_of_a_failing_embedder_is_reported(stack: FakeSearchStack) -> None:
    with pytest.raises(IngestError, match=r"could not be embedded: The service is asleep\. Nothing was written"):
        stack.ingest(*NEW, embedder=BrokenEmbedder())
    assert not stack.indexes()


def test_of_two_concurrent_ingests_the_later_switch_fails(stack: FakeSearchStack) -> None:
    def overtaken(put: Any, **kwargs: Any) -> Any:
        stack.ingest(*OLD)
        return put(**kwargs)

    with pytest.raises(IngestError, match="another ingest switched"):
        stack.ingest(*NEW, s3=PatchedClient(stack.s3, "put_object", overtaken))
    assert stack.served() == corpus_version(OLD, "test-embedder")


def test_old_indexes_are_deleted_except_the_previous_one(stack: FakeSearchStack) -> None:
    first = stack.ingest(*OLD)
    second = stack.ingest(*NEW)
    later = stack.now() + 2 * GRACE + timedelta(seconds=1)
    stack.now = lambda: later
    third = stack.ingest(*NEW[:5])
    assert third.indexes_retired == 1
    assert stack.indexes() == {second.index_key, third.index_key}
    assert first.index_key not in stack.indexes()


def test_a_failed_cleanup_is_reported_and_harms_nothing(stack: FakeSearchStack) -> None:
    def fail(_: Any, *__: Any, **___: Any) -> Any:
        raise client_error("AccessDenied")

    report = stack.ingest(*NEW, s3=PatchedClient(stack.s3, "get_paginator", fail))
    assert (report.switched, report.retire_problem) == (True, "old indexes are still there: ClientError")


@pytest.mark.parametrize(
    ("stories", "rules", "said"),
    [
        ((), (), "no story"),
        ((Story(id="a"), Story(id="a")), (), "two stories have the id 'a'"),
        ((Story(id="big", title="x" * (MAX_CARD_BYTES + 1)),), (), "'big' is too big"),
        ((Story(id="a"),), (NonsenseRule("spam", "("),), "rule"),
    ],
)
def test_a_corpus_that_cannot_be_served_is_rejected(
    stack: FakeSearchStack, stories: tuple[Story, ...], rules: tuple[NonsenseRule, ...], said: str
) -> None:
    with pytest.raises(IngestError, match=f"{said}.*; nothing was written"):
        stack.ingest(*stories, rules=rules)
