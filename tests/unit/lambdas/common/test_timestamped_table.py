"""Timestamped tables: partly processed batches, throttling, and deletion."""

import random
from typing import Any

import pytest
from tenacity import RetryError

from lambdas.common.aws.timestamped_table import ATTEMPTS, WRITTEN_AT, TimestampedKey, TimestampedTable
from tests.support.faults.aws_clients import PatchedClient, client_error
from tests.support.stacks.stories import FakeStack, new_stack

ITEMS = [{"pk": {"S": f"item {n:02}"}} for n in range(60)]


@pytest.fixture
def stack() -> FakeStack:
    return new_stack()


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    return waits


def table_of(stack: FakeStack, operation: str = "", replacement: Any = None) -> TimestampedTable:
    return TimestampedTable(PatchedClient(stack.dynamodb, operation, replacement), stack.table, ("pk",))  # type: ignore[arg-type]


def keys(*numbers: int) -> set[str]:
    return {f"item {n:02}" for n in numbers}


def test_items_are_written_in_batches_and_each_batch_is_reported(stack: FakeStack) -> None:
    assert list(table_of(stack).write(ITEMS, 7)) == [25, 50, 60]
    assert stack.keys() == keys(*range(60))


def test_items_the_table_did_not_take_are_sent_again(stack: FakeStack, no_waits: list[float]) -> None:
    draw = random.Random(1)

    def take_some(real: Any, **request: Any) -> Any:
        ((table, puts),) = request["RequestItems"].items()
        taken = [put for put in puts if draw.random() < 0.6]
        left = [put for put in puts if put not in taken]
        if taken:
            real(RequestItems={table: taken})
        return {"UnprocessedItems": {table: left} if left else {}}

    assert list(table_of(stack, "batch_write_item", take_some).write(ITEMS, 7))[-1] == 60
    assert stack.keys() == keys(*range(60))
    assert len(set(no_waits)) > 1  # they differ: there is jitter in them


def test_throttling_that_passes_is_waited_out(stack: FakeStack, no_waits: list[float]) -> None:
    calls = 0

    def throttle_twice(real: Any, **request: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= 2:
            raise client_error("ProvisionedThroughputExceededException")
        return real(**request)

    assert list(table_of(stack, "batch_write_item", throttle_twice).write(ITEMS[:20], 7)) == [20]
    assert len(no_waits) == 2


def test_a_table_that_takes_nothing_is_given_up(stack: FakeStack, no_waits: list[float]) -> None:
    def take_nothing(_: Any, **request: Any) -> Any:
        return {"UnprocessedItems": request["RequestItems"]}

    with pytest.raises(RetryError):
        list(table_of(stack, "batch_write_item", take_nothing).write(ITEMS, 7))
    assert len(no_waits) == ATTEMPTS - 1


def test_what_is_old_is_found_and_what_says_no_time_is_not(stack: FakeStack) -> None:
    table = table_of(stack)
    for written_at, number in ((10, 0), (11, 1), (12, 2)):
        list(table.write([ITEMS[number]], written_at))
    stack.dynamodb.put_item(TableName=stack.table, Item={"pk": {"S": "timeless"}})
    found = sorted(table.written_before(12), key=lambda old: old.written_at)
    assert found == [TimestampedKey(ITEMS[0], 10), TimestampedKey(ITEMS[1], 11)]
    assert table.delete_unchanged(found) == 2
    assert stack.keys() == {*keys(2), "timeless"}


def test_an_item_written_anew_while_retiring_stays(stack: FakeStack) -> None:
    def write_anew_first(real: Any, **request: Any) -> Any:
        stack.dynamodb.put_item(TableName=stack.table, Item={**request["Key"], WRITTEN_AT: {"N": "99"}})
        return real(**request)

    table = table_of(stack, "delete_item", write_anew_first)
    list(table.write(ITEMS[:3], 10))
    assert table.delete_unchanged(table.written_before(12)) == 0
    assert stack.keys() == keys(0, 1, 2)
