"""Passages: their texts, their storage, and their part in the fused ranking."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.story import Story
from lambdas.common.index.snapshot import Snapshot
from lambdas.common.models.embeddings import unit_rows
from lambdas.search.ingest.index_builder import IndexBuilder
from lambdas.search.ranking.passages import Passages, passage_arrays, passage_codes, passages
from tests.support.builders.search_corpora import WordEmbedder, snapshot_of

RANDOM = np.random.default_rng(3)


def story(name: str, **fields: Any) -> Story:
    return Story(id=name, **fields)


def closeness(numbers: list[int], vectors: Any, rows: list[int], query: Any) -> Any:
    kept = Passages(Snapshot(passage_arrays(numbers, [passage_codes(vectors)]), {}))
    return kept.closeness(np.array(rows, np.int32), query)


def test_passages_are_the_short_texts_and_each_interview_question() -> None:
    told = story(
        "a",
        title="Title",
        curated_summary="Summary",
        purpose="Purpose",
        task=("First.", "Second."),
        use_cases=("use", "case"),
        competencies=("skill",),
        tags=("tag",),
        content="Content",
        situation=("not this",),
        interview_questions=("Why?", " ", "How?"),
    )
    assert passages(told) == [
        *("Title", "Summary", "Purpose", "First. Second.", "use, case", "skill, tag", "Content"),
        *("Why?", "How?"),
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (story("a", situation=("Only this.",)), ["Only this."]),
        (story("a"), [""]),
        (story("a", interview_questions=tuple(f"Q{n}?" for n in range(40))), [f"Q{n}?" for n in range(16)]),
    ],
)
def test_a_story_has_1_to_16_passages(told: Story, expected: list[str]) -> None:
    assert passages(told) == expected


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_closeness_is_the_soft_maximum_of_the_cosines(numbers: list[int], data: st.DataObject) -> None:
    vectors = RANDOM.normal(size=(sum(numbers), 300)).astype(np.float32)
    query = unit_rows(RANDOM.normal(size=(1, 300)))[0]
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(numbers))))))
    of_story = np.split(unit_rows(vectors[:, :256]) @ unit_rows(query[np.newaxis, :256])[0], np.cumsum(numbers)[:-1])
    expected = [np.log(np.exp(20 * of_story[row]).sum()) / 20 for row in rows]

    found = closeness(numbers, vectors, rows, query)

    np.testing.assert_allclose(found, expected, atol=0.02)


def test_blank_passages_and_a_blank_query_have_no_closeness() -> None:
    assert closeness([1, 1], np.zeros((2, 4), np.float32), [0, 1], np.ones(4, np.float32)).tolist() == [0, 0]
    assert closeness([1], np.eye(1, 4, dtype=np.float32), [0], np.zeros(4, np.float32)).tolist() == [0]


def test_batches_of_blank_texts_alone_have_no_columns() -> None:
    blank, told = np.empty((2, 0), np.float32), np.eye(3, dtype=np.float32)
    arrays = passage_arrays([1, 1, 3], [passage_codes(blank), passage_codes(told)])
    assert arrays["passages.codes"].shape == (5, 3)
    assert passage_arrays([2], [passage_codes(blank)])["passages.codes"].shape == (2, 1)


def test_a_repeated_text_is_embedded_once() -> None:
    embedder = WordEmbedder()
    stories = [story(f"s{n}", title="the same", situation=(f"other {n}",)) for n in range(3)]
    IndexBuilder(stories, embedder, ()).build(lambda *_: None)
    assert sorted(embedder.embedded) == ["the same", *(f"the same\nother {n}" for n in range(3))]


def test_passages_do_not_change_the_vectors_of_stories() -> None:
    stories = [story(f"s{n}", title=f"word{n}", purpose="aim", situation=("lines",)) for n in range(300)]
    expected = WordEmbedder().embed([item.embedding_text() for item in sorted(stories, key=lambda item: item.id)])
    np.testing.assert_array_equal(snapshot_of(stories).array("vectors"), expected)


def test_a_line_of_the_same_meaning_is_close_whatever_the_length_of_its_story() -> None:
    long = tuple(f"filler{number}" for number in range(40))
    snapshot = snapshot_of([story("line", title="meter", situation=long), story("whole", situation=("meter", "cheap"))])
    query = WordEmbedder().embed(["meter"])[0]
    whole_stories = snapshot.array("vectors") @ query
    near = Passages(snapshot).closeness(np.array([0, 1], np.int32), query)
    assert whole_stories[0] < whole_stories[1]
    assert near[0] > near[1]
