"""Synonyms: the words of a group stand for each other, and none stands for itself."""

import pytest

from contracts.rules.synonyms import synonyms, synonyms_of_query


@pytest.mark.parametrize(("word", "other"), [("offshore", "nearshore"), ("lorries", "truck"), ("bugs", "defect")])
def test_a_word_in_any_form_has_the_others_of_its_group(word: str, other: str) -> None:
    assert other in synonyms(word)


def test_a_word_of_two_groups_has_the_others_of_both() -> None:
    assert {"negotiate", "agreement"} <= set(synonyms("contract"))


def test_a_word_of_no_group_has_none() -> None:
    assert synonyms("migration") == ()
    assert synonyms_of_query("the migration") == ""


def test_the_synonyms_of_a_query_leave_out_its_own_words() -> None:
    assert synonyms_of_query("courier or driver?").split() == ["carrier", "shipper", "haulier"]
