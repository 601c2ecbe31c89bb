"""Names: whichever way one is spelled it is found, and a word that is no name is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.names.client_mentions import find_mentions

SPELLINGS = {
    "Halvern National Bank": (
        *("Halvern National Bank", "halvern national bank", "HALVERN NATIONAL BANK", "Halvern-National  Bank"),
        *("Halvern\nNational Bank's", "the Halvern\u00a0National Bank", "Hal\u00advern National\u200b Bank"),
    ),
    "Acme & Sons": ("Acme & Sons", "Acme and Sons", "acme & sons", "Acme+Sons", "ACME & SONS"),
    "Procter and Gamble": ("Procter & Gamble", "Procter&Gamble", "Procter and Gamble"),
    "Macy's": ("Macy's", "Macy\u2019s", "Macys"),
    "JPMorgan Chase": ("JPMorgan Chase", "JP Morgan Chase", "J.P. Morgan Chase", "JPMORGAN CHASE", "JPMorgan-Chase"),
    "Société Générale": ("Societe Generale", "SOCIÉTÉ GÉNÉRALE", "Socie\u0301te\u0301 Ge\u0301ne\u0301rale"),
    "Bank of America, N.A.": ("Bank of America", "Bank of America NA", "Bank of America, N.A."),
    "Bolt Inc.": ("Bolt", "BOLT", "Bolt, Inc.", "\uff22olt"),
    "The Home Depot": ("Home Depot", "the Home Depot"),
    "AT&T": ("AT&T", "AT & T", "ATT", "AT and T", "A.T.&T."),
    "H-E-B": ("H-E-B", "HEB", "H.E.B."),
    "Target": ("Target", "TARGET", "Target's", "\u201cTarget\u201d"),
    "adidas": ("adidas", "ADIDAS", "Adidas"),
    "三菱": ("三菱",),
    "3M": ("3M", "3 M"),
    "Bits -- ``` and Bytes": ("Bits and Bytes", "Bits -- ``` and Bytes"),
}
NOBODY = {
    "Target": ("on target", "Targets", "a targeted approach", "Off-targeting"),
    "Bolt": ("boltless", "Boltons", "a bolt from the blue"),
    "AT&T": ("look at T-shirts", "at t", "ATTN"),
    "UPS": ("ups and downs", "start-ups", "Ups and downs"),
    "Halvern National Bank": ("a national bank", "Halvern. National banks", "Halvern Bank", "Halvern"),
    "First Data": ("It came first. Data followed.", "first, data"),
    "&": ("a & b",),
    "": ("", "anything"),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SPELLINGS.items() for text in texts])
def test_a_name_is_found_however_it_is_spelled(name: str, text: str) -> None:
    assert find_mentions(f"He worked at {text}, then left.", [name]) == {name}
    assert find_mentions(text, [name]) == {name}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in NOBODY.items() for text in texts])
def test_a_word_that_is_meant_otherwise_is_no_name(name: str, text: str) -> None:
    assert find_mentions(text, [name]) == frozenset()


def test_a_name_within_a_longer_one_is_not_held() -> None:
    names = ["Halvern", "Halvern National Bank", "National"]
    assert find_mentions("at Halvern National Bank", names) == {"Halvern National Bank"}
    assert find_mentions("at Halvern, not at Halvern National Bank", names) == {"Halvern", "Halvern National Bank"}


WORD = st.text(alphabet="abcdefgh", min_size=3, max_size=8).map(str.title)
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


@given(NAME, NAME)
def test_a_name_is_found_among_other_words(name: str, other: str) -> None:
    assert find_mentions(f"7 {other}; {name}'s", [name]) == {name}


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_may_be_a_name(name: str, text: str) -> None:
    assert find_mentions(text, [name]) <= {name}


def test_a_flood_of_text_takes_no_time() -> None:
    names = [f"Client {number} & Sons Inc." for number in range(500)]
    started = time.perf_counter()
    for piece in ("Client ", "A. ", "and & ", "client 7 & ", "--", "\u0301"):
        find_mentions(piece * (8000 // len(piece)), names)
    assert time.perf_counter() - started < 10
