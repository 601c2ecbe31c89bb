"""Vocabularies and postings of an index, and the limit of a facet's values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.search import SearchKind
from contracts.stories import MAX_FACET_VALUES
from contracts.story import Story
from lambdas.common.index import vocabulary as module
from lambdas.common.index.postings import Postings, postings
from lambdas.common.index.snapshot import Snapshot, pack_snapshot, string_table, unpack_snapshot
from lambdas.common.index.vocabulary import Vocabulary, ordered_vocabulary
from lambdas.common.models.deadline import within
from tests.support.builders.search_corpora import SearchInMemory

words = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=20, unique=True)


@given(words, words)
def test_a_vocabulary_knows_its_words_and_no_others(known: list[str], asked: list[str]) -> None:
    hashes, codes = ordered_vocabulary(known)
    code = dict(zip(known, codes.tolist(), strict=True))
    found = Vocabulary(hashes).codes(asked)
    assert sorted(found.tolist()) == sorted(code[word] for word in asked if word in code)


def test_two_words_of_one_hash_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "hashed", lambda words: np.zeros(len(words), np.int64))
    with pytest.raises(ValueError, match="share a hash"):
        ordered_vocabulary(["a", "b"])


@given(st.lists(st.sets(st.integers(0, 4)), max_size=8), st.lists(st.integers(0, 7), max_size=5, unique=True))
def test_postings_are_each_rows_codes_turned_around(carried: list[set[int]], asked: list[int]) -> None:
    arrays = postings("p", [np.array(sorted(codes), np.int64) for codes in carried], 5)
    found = Postings.of(unpack_snapshot(pack_snapshot(Snapshot(arrays, {}))), "p")
    expected = [[row for row, codes in enumerate(carried) if code in codes] for code in range(5)]
    assert [found[code].tolist() for code in range(5)] == expected
    assert [rows.tolist() for rows in found.many(np.arange(5))] == expected
    rows = np.array(asked, np.int32)
    for code in range(5):
        assert found.carried(code, rows).tolist() == [row in expected[code] for row in asked]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=8), st.data())
def test_many_strings_are_those_one_by_one(strings: list[str], data: st.DataObject) -> None:
    table = Snapshot(string_table("t", strings), {}).strings("t")
    indices = data.draw(st.lists(st.integers(0, len(strings) - 1), max_size=10))
    found = [string.decode() for string in table.many(np.array(indices, np.int64))]
    assert found == [strings[index] for index in indices]


def test_a_facet_shows_the_most_frequent_values_and_the_fields_behind_it_are_whole() -> None:
    stories = [
        Story(id=f"{n:04d}", title="payments", client=f"Client {n % 210:03d}", role="Lead", tags=(f"tag{n % 3}",))
        for n in range(420)
    ] + [Story(id="last", title="payments", client="Client 209")]
    facets = SearchInMemory(stories).search(SearchKind.KEYWORD, "payments").facets

    assert len(facets["clients"]) == MAX_FACET_VALUES
    assert (facets["clients"][0].value, facets["clients"][0].count) == ("Client 209", 3)
    assert facets["clients"][1].value == "Client 000"
    assert [(entry.value, entry.count) for entry in facets["roles"]] == [("Lead", 420)]
    assert [entry.count for entry in facets["tags"]] == [140, 140, 140]
    assert facets["eras"] == ()


def test_a_deadline_passes_on_what_happens_in_time() -> None:
    assert within(1.0, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(1.0, lambda: 1 // 0)
    with pytest.raises(TimeoutError):
        within(0.01, lambda: __import__("time").sleep(0.2))
