"""Which differences in spelling do not count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.folding import fold_key, plain, visible, without_accents


@pytest.mark.parametrize(
    "spelling",
    [
        "Acme Bank",
        "acme  bank",
        "ACME\u00a0BANK",
        "\ufeffAcme\u2003Bank",
        "Ac\u00adme Ba\u200bnk",
        "Acme Bank\u200d",
        "\uff21cme\tBank ",
    ],
)
def test_white_space_invisible_characters_and_case_do_not_count(spelling: str) -> None:
    assert fold_key(spelling) == "acme bank"


def test_accents_count_in_values_but_not_in_words() -> None:
    assert fold_key("Société") != fold_key("Societe")
    assert without_accents("Société ÉTÉ straße") == "societe ete strasse"


def test_what_is_shown_keeps_case_and_what_shapes_letters() -> None:
    assert visible(" Acme\u00a0 \u200bBank\u00ad ") == "Acme Bank"
    assert visible("👩\u200d💻 team") == "👩\u200d💻 team"
    assert plain("Acme\u00adBank") == "AcmeBank"


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    for fold in (visible, plain, fold_key):
        assert fold(fold(text)) == fold(text)
    assert fold_key(visible(text)) == fold_key(text)
