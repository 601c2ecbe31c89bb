"""Version pointers of all domains: reads, conditional writes, and repeated writes."""

from dataclasses import replace
from typing import Any

import pytest

from lambdas.common.aws.version_pointer import NoCorpus, PointerItem
from lambdas.industries import pointer as industries
from lambdas.search import pointer as search
from lambdas.stories import pointer as stories
from tests.support.faults.aws_clients import PatchedClient
from tests.support.stacks.industries import new_industries_stack
from tests.support.stacks.stories import FakeStack, new_stack

FIRST = stories.Pointer("v1", "listings/1", "00", 3, "2030-01-01T00:00:00+00:00")
SECOND = replace(FIRST, corpus_version="v2", listing_key="listings/2", previous_key="listings/1")


@pytest.fixture
def stack() -> FakeStack:
    return new_stack()


@pytest.fixture
def item(stack: FakeStack) -> PointerItem[stories.Pointer]:
    return PointerItem(stack.dynamodb, stack.table, stories.Pointer)


def test_before_the_first_ingest_there_is_none(item: PointerItem[stories.Pointer]) -> None:
    assert item.read_latest() is None
    with pytest.raises(NoCorpus):
        item.read()


def test_what_was_switched_to_is_read(item: PointerItem[stories.Pointer]) -> None:
    item.compare_and_set(FIRST, None)
    item.compare_and_set(SECOND, FIRST)
    assert item.read() == item.read_latest() == SECOND


@pytest.mark.parametrize("seen", [None, replace(FIRST, sha256="11"), replace(FIRST, count=4), SECOND])
def test_who_saw_anything_else_does_not_switch(
    item: PointerItem[stories.Pointer], seen: stories.Pointer | None
) -> None:
    item.compare_and_set(FIRST, None)
    with pytest.raises(item.dynamodb.exceptions.ConditionalCheckFailedException):
        item.compare_and_set(SECOND, seen)
    assert item.read_latest() == FIRST


def test_who_saw_one_that_is_gone_does_not_switch(item: PointerItem[stories.Pointer]) -> None:
    with pytest.raises(item.dynamodb.exceptions.ConditionalCheckFailedException):
        item.compare_and_set(SECOND, FIRST)
    assert item.read_latest() is None


@pytest.mark.parametrize("seen", [None, FIRST])
def test_a_switch_that_is_sent_again_since_its_answer_was_lost_is_made_once(
    stack: FakeStack, item: PointerItem[stories.Pointer], seen: stories.Pointer | None
) -> None:
    def send_twice(real: Any, **request: Any) -> Any:
        real(**request)
        return real(**request)

    if seen is not None:
        item.compare_and_set(seen, None)
    PointerItem(PatchedClient(stack.dynamodb, "put_item", send_twice), stack.table, stories.Pointer).compare_and_set(
        SECOND, seen
    )  # type: ignore[arg-type]
    assert item.read_latest() == SECOND


def test_the_pointers_that_lie_in_tables_are_read(stack: FakeStack) -> None:
    written = {"corpus_version": {"S": "v"}, "sha256": {"S": "00"}, "count": {"N": "3"}, "ingested_at": {"S": "now"}}
    key, listed = {"pk": {"S": "corpus#current"}}, {"listing_key": {"S": "l"}, "previous_key": {"S": ""}}
    stack.dynamodb.put_item(TableName=stack.table, Item={**key, **written, **listed})
    assert PointerItem(stack.dynamodb, stack.table, stories.Pointer).read() == stories.Pointer(
        "v", "l", "00", 3, "now", ""
    )

    indexed = {name: {"S": name[0]} for name in ("fingerprint", "snapshot_key", "previous_key", "previous_version")}
    stack.dynamodb.put_item(TableName=stack.table, Item={**key, **written, **indexed})
    expected = search.Pointer("v", "f", "s", "00", 3, "now", "p", "p")
    assert PointerItem(stack.dynamodb, stack.table, search.Pointer).read() == expected

    other = new_industries_stack()
    edition = {name: {"S": name[0]} for name in ("edition", "corpus_version", "ingested_at", "previous")}
    current = {"pk": {"S": "current"}, "sk": {"S": "current"}, "format": {"N": "1"}}
    other.dynamodb.put_item(TableName=other.table, Item={**current, **edition})
    assert other.pointer() == industries.Pointer("e", "c", 1, "i", "p")
