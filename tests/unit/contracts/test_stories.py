"""The stories contract: batches within their limits."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.stories import MAX_BATCH, MAX_BATCH_QUERY, StoryBatchRequest

IDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400)


@given(st.lists(IDS, max_size=60))
def test_batches_hold_every_id_once_within_the_limits(ids: list[str]) -> None:
    batches = StoryBatchRequest.covering(ids)
    assert [story_id for batch in batches for story_id in batch.ids] == list(dict.fromkeys(ids))
    for batch in batches:
        assert len(batch.ids) <= MAX_BATCH
        assert len(urlencode([("ids", story_id) for story_id in batch.ids])) <= MAX_BATCH_QUERY


@pytest.mark.parametrize("count", [1, 25, 26, 100])
def test_batches_are_as_few_as_the_limits_allow(count: int) -> None:
    assert len(StoryBatchRequest.covering(f"id {n}" for n in range(count))) == -(-count // MAX_BATCH)


@pytest.mark.parametrize("story_id", ["", "x" * 1001, "a\x00", "\ud800", "😀" * 700])
def test_an_id_that_no_request_may_hold_is_left_out(story_id: str) -> None:
    (batch,) = StoryBatchRequest.covering(["a", story_id, "b"])
    assert batch.ids == ("a", "b")
    assert StoryBatchRequest.covering([story_id]) == ()


def test_the_length_of_the_query_is_limited() -> None:
    assert StoryBatchRequest(ids=("é" * 1000, "é" * 330))
    with pytest.raises(ValidationError, match="at most 8000 bytes"):
        StoryBatchRequest(ids=("é" * 1000, "é" * 334))
