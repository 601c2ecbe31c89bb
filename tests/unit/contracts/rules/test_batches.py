"""Batches: every item once and in order, and none over its bounds but an item that is too large by itself."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.batches import bounded_batches


@given(st.lists(st.integers(0, 12)), st.integers(1, 5), st.integers(1, 10))
def test_batches_keep_every_item_within_the_bounds(sizes: list[int], most_items: int, most_size: int) -> None:
    batches = list(bounded_batches(sizes, lambda size: size, most_items, most_size))
    assert [size for batch in batches for size in batch] == sizes
    assert all(batch and len(batch) <= most_items for batch in batches)
    assert all(sum(batch) <= most_size or len(batch) == 1 for batch in batches)


@given(st.lists(st.integers(1, 9)))
def test_a_batch_is_as_full_as_the_next_item_allows(sizes: list[int]) -> None:
    batches = list(bounded_batches(sizes, lambda size: size, 3, 10))
    for batch, following in pairwise(batches):
        assert len(batch) == 3 or sum(batch) + following[0] > 10
