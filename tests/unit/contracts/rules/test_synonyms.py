"""Synonyms: the words of a group stand for each other, and none stands for itself."""

import pytest

from contracts.rules.synonyms import related_query, related_words, synonyms


@pytest.mark.parametrize(("word", "other"), [("offshore", "nearshore"), ("lorries", "truck"), ("bugs", "defect")])
def test_a_word_in_any_form_has_the_others_of_its_group(word: str, other: str) -> None:
    assert other in synonyms(word)


def test_a_word_of_two_groups_has_the_others_of_both() -> None:
    assert {"negotiate", "agreement"} <= set(related_words("contract"))


def test_a_word_of_no_group_has_none() -> None:
    assert synonyms("migration") == ()
    assert related_query("the migration") == ""


def test_the_synonyms_of_a_query_leave_out_its_own_words() -> None:
    assert related_query("courier or driver?").split() == ["carrier", "shipper", "haulier"]


def test_what_is_only_near_to_a_word_is_no_synonym_of_it() -> None:
    assert synonyms("offshore") == ("nearshore", "onshore", "outsourced")
    assert {"remote", "timezones", "abroad"} <= set(related_words("offshore"))


def test_an_abbreviation_has_its_long_form() -> None:
    assert related_query("k8s") == "kubernetes"
