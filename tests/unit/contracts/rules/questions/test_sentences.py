"""Sentences, stems, and how near a sentence comes to a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.questions.generic_words import content_words, stem, words
from contracts.rules.questions.sentences import nearest_sentences, nearness, shared_stems, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid $1.2B. It held.", ["Dr. Smith paid $1.2B.", "It held."]),
        ('He asked, "Why?" Then he left.', ['He asked, "Why?"', "Then he left."]),
        ("At 3 a.m. Sunday it broke", ["At 3 a.m. Sunday it broke"]),
        ("e.g. Kafka", ["e.g. Kafka"]),
        (" ", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "alike",
    [
        ("bank", "banks", "banking"),
        ("migrate", "migrated", "migrating", "migration", "migrations"),
        ("modernise", "modernize", "modernisation", "modernization"),
        ("policy", "policies"),
        ("test", "testing", "tested"),
        ("lead", "leader", "leadership"),
        ("behaviour", "behavior"),
    ],
)
def test_forms_of_a_word_have_one_stem(alike: tuple[str, ...]) -> None:
    assert len({stem(word) for word in alike}) == 1


def test_words_fold_case_accents_and_possessives() -> None:
    assert words("Zo\u00eb\u2019s C++ at AT&T, v1.2") == ["zoe", "c++", "at", "at", "t", "v1.2"]
    assert content_words("Tell me about the result of your payments work") == ["payments"]


def test_the_nearest_sentences_come_in_reading_order() -> None:
    lines = ["We moved billing.", "The cafe was fine.", "COBOL billing ended.", "Nothing."]
    assert nearest_sentences("How was billing done?", lines, 2) == [0, 2]
    assert nearest_sentences("How did COBOL billing end?", lines, 1) == [2]
    assert nearest_sentences("Who won?", lines, 2) == []
    assert nearness("cafe", lines)[1] > 0 == nearness("cafe", lines)[0]
    assert shared_stems("billing in Rust", lines) == {stem("billing")}
