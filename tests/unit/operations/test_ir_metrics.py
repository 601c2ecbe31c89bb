"""Measures of rankings against values worked out by hand, and the file of judged queries."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from operations.evaluation.ir_metrics import (
    JudgedQuery,
    QueryFileError,
    measures,
    queries_from_interviews,
    read_queries,
    without_interview_questions,
)
from tests.support.builders.stories import story

KNOWN = frozenset({"a", "b", "c"})


def measured(grades: dict[str, int], ranked: str) -> dict[str, float]:
    return measures([(grades, list(ranked))])


# Measures


@pytest.mark.parametrize(
    ("grades", "ranked", "mrr", "recall5", "recall10"),
    [
        ({"a": 3}, "a", 1.0, 1.0, 1.0),
        ({"a": 1}, "xya", 0.3333, 1.0, 1.0),
        ({"a": 1, "b": 3}, "xaxb", 0.5, 1.0, 1.0),
        ({"a": 1, "b": 3}, "xxxxxb", 0.1667, 0.0, 0.5),
        ({"a": 1}, "123456789a", 0.1, 0.0, 1.0),
        ({"a": 1}, "1234567890a", 0.0, 0.0, 0.0),
        ({"a": 1}, "", 0.0, 0.0, 0.0),
        (dict.fromkeys("abcdefghijkl", 1), "abcdefghijkl", 1.0, 0.4167, 0.8333),
    ],
)
def test_reciprocal_rank_and_recall(
    grades: dict[str, int], ranked: str, mrr: float, recall5: float, recall10: float
) -> None:
    found = measured(grades, ranked)
    assert (found["mrr@10"], found["recall@5"], found["recall@10"]) == (mrr, recall5, recall10)


@pytest.mark.parametrize(
    ("grades", "ranked", "gain", "ideal"),
    [
        ({"a": 3}, "a", 7.0, 7.0),
        ({"a": 3}, "xa", 7.0 / math.log2(3), 7.0),
        ({"a": 3, "b": 1}, "ba", 1.0 + 7.0 / math.log2(3), 7.0 + 1.0 / math.log2(3)),
        ({"a": 2, "b": 1}, "axb", 3.0 + 1.0 / 2.0, 3.0 + 1.0 / math.log2(3)),
        ({"a": 1}, "xxxxxxxxxxa", 0.0, 1.0),
        (dict.fromkeys("abcdefghijkl", 1), "abcdefghij", 1.0, 1.0),  # ten places are all there are
    ],
)
def test_discounted_gain_against_the_ideal(grades: dict[str, int], ranked: str, gain: float, ideal: float) -> None:
    assert measured(grades, ranked)["ndcg@10"] == round(gain / ideal, 4)


def test_measures_are_means_over_the_queries_that_have_an_answer() -> None:
    rankings = [({"a": 1}, ["a"]), ({"a": 1}, ["x", "a"]), ({}, ["a"]), ({"b": 2}, [])]
    assert measures(rankings)["mrr@10"] == 0.5
    assert measures(rankings)["recall@5"] == 0.6667


@pytest.mark.parametrize("rankings", [[], [({}, ["a"])]])
def test_without_a_judged_query_everything_is_nothing(rankings: Any) -> None:
    assert measures(rankings) == {"mrr@10": 0.0, "recall@5": 0.0, "recall@10": 0.0, "ndcg@10": 0.0}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3), min_size=1), st.permutations("abcdefghxyz"))
def test_measures_lie_between_0_and_1_and_the_ideal_order_is_best(grades: dict[str, int], ranked: list[str]) -> None:
    found = measures([(grades, ranked)])
    best = measures([(grades, sorted(ranked, key=lambda name: -grades.get(name, 0)))])
    assert all(0.0 <= value <= best[name] <= 1.0 for name, value in found.items())
    assert best["ndcg@10"] == best["mrr@10"] == 1.0
    assert found["recall@5"] <= found["recall@10"]


# The file


def write(folder: Path, document: Any) -> Path:
    path = folder / "queries.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document), "utf-8")
    return path


def test_queries_are_read_with_their_grades(tmp_path: Path) -> None:
    rows = [{"query": "payments?", "relevant": {"a": 3, "b": 1}}, {"query": "weather", "relevant": {}}]
    assert read_queries(write(tmp_path, {"queries": rows}), KNOWN) == [
        JudgedQuery("payments?", {"a": 3, "b": 1}),
        JudgedQuery("weather", {}),
    ]


GOOD = {"query": "fine", "relevant": {"a": 1}}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("text", "wants a string `query`"),
        ({"relevant": {}}, "wants a string `query`"),
        ({"query": 5, "relevant": {}}, "wants a string `query`"),
        ({"query": "q"}, "wants a mapping `relevant`"),
        ({"query": "q", "relevant": ["a"]}, "wants a mapping `relevant`"),
        ({"query": "q", "relevant": {"nowhere": 1}}, "there is no story 'nowhere'"),
        ({"query": "q", "relevant": {"a": 0}}, "the grade of 'a' is 0"),
        ({"query": "q", "relevant": {"a": 4}}, "the grade of 'a' is 4"),
        ({"query": "q", "relevant": {"a": "3"}}, "the grade of 'a' is '3'"),
        ({"query": "q", "relevant": {"a": None}}, "the grade of 'a' is None"),
        ({"query": "q", "relevant": {"a": True}}, "the grade of 'a' is True"),
        ({"query": "q", "relevant": {"a": 2.0}}, "the grade of 'a' is 2.0"),
        ({"query": " ", "relevant": {}}, "1 to 500 characters"),
        ({"query": "q" * 501, "relevant": {}}, "1 to 500 characters"),
        ({"query": "a\tb", "relevant": {}}, "without control characters"),
    ],
)
def test_a_query_that_cannot_be_used_is_named_with_its_file(tmp_path: Path, row: Any, what: str) -> None:
    path = write(tmp_path, {"queries": [GOOD, row, GOOD]})
    with pytest.raises(QueryFileError) as raised:
        read_queries(path, KNOWN)
    assert str(raised.value).startswith(f"{path}: query 2: ")
    assert what in str(raised.value)


@pytest.mark.parametrize("document", ["queries: [", "[]", "queries: {}", "", "other: []", "\x00"])
def test_a_file_that_holds_no_queries_is_named(tmp_path: Path, document: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(QueryFileError, match=str(path)):
        read_queries(path, KNOWN)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "nowhere.yaml", tmp_path / "binary.yaml"):
        with pytest.raises(QueryFileError, match=str(path)):
            read_queries(path, KNOWN)


def test_each_interview_question_is_a_query_for_its_story() -> None:
    stories = [
        story("a", interview_questions=("Why? And how?", "Really")),
        story("b"),
        story("c", interview_questions=("X?",)),
    ]
    assert [(query.text, query.grades) for query in queries_from_interviews(stories)] == [
        ("Why?", {"a": 3}),
        ("And how?", {"a": 3}),
        ("Really", {"a": 3}),
        ("X?", {"c": 3}),
    ]


def test_a_question_of_several_stories_is_answered_by_each_and_a_long_one_is_cut() -> None:
    stories = [story("a", interview_questions=("Why?",)), story("b", interview_questions=("Why?", "x" * 600))]
    assert queries_from_interviews(stories) == [
        JudgedQuery("Why?", {"a": 3, "b": 3}),
        JudgedQuery("x" * 500, {"b": 3}),
    ]


def test_without_its_interview_questions_a_story_holds_no_word_of_them_anywhere() -> None:
    asked = ("How did you tame the zebra? 2. Why?", "Tell me about\tgnus in spring.")
    told = story(
        "a",
        title="How did you tame the zebra?",
        interview_questions=asked,
        content="A story. Questions: how did you  tame the ZEBRA? Tell me about gnus in spring. The end. Why?",
        situation=("Tell me about gnus in spring. We did.",),
        tags=("zebra",),
    )
    left = without_interview_questions(told)
    assert left.interview_questions == ()
    assert left.content.split() == ["A", "story.", "Questions:", "The", "end.", "Why?"]
    assert left.situation == (" We did.",)
    assert (left.title, left.tags) == (told.title, told.tags)
    assert without_interview_questions(story("b", content="c")) == story("b", content="c")
