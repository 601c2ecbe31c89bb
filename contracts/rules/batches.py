"""Splits a sequence into batches of a bounded number of items and a bounded size."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def bounded_batches(
    items: Iterable[Item], size_of: Callable[[Item], int], most_items: int, most_size: int
) -> Iterator[list[Item]]:
    """Batches in order; an item that exceeds `most_size` has a batch of its own."""
    batch: list[Item] = []
    size = 0
    for item in items:
        more = size_of(item)
        if batch and (len(batch) == most_items or size + more > most_size):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += more
    if batch:
        yield batch
