"""Tokens, and those of a question that carry weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.folding import plain
from contracts.rules.tokens import telling_tokens, token_set, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cloud-native C++ and it", ["cloud-native", "c++", "and"]),
        ("40% of v2.0", ["v2.0"]),
        ("pay\u00adments\u00a0engine", ["payments", "engine"]),
        ("\uff30ayments e\ufb03cient", ["payments", "efficient"]),
        ("an ox", []),
        ("a C# or C++ API", ["c++", "api"]),
        ("Node.js; #hash _x_", ["node.js", "#hash", "_x_"]),
        ("the The THE", ["the", "the", "the"]),
        ("été naïveté İstanbul", ["vet", "stanbul"]),
    ],
)
def test_tokens_are_runs_of_three_or_more(text: str, found: list[str]) -> None:
    assert tokens(text) == found
    assert token_set([text, text]) == set(found)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("Tell me about a time you scaled payments", {"scaled", "payments"}),
        ("What did Matt do about payments?", {"payments"}),
        ("matt", {"matt"}),
        ("tell me about your work", {"tell", "about", "your", "work"}),
    ],
)
def test_asking_words_and_the_owner_carry_no_weight_among_other_words(query: str, told: set[str]) -> None:
    assert telling_tokens(query, frozenset({"matt"})) == told


ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+#-_.")


@given(st.text())
def test_tokens_agree_with_a_plain_scan_of_the_text(text: str) -> None:
    runs = "".join(char if char in ALLOWED else " " for char in plain(text)).split(" ")
    assert tokens(text) == [run.lower() for run in runs if len(run) >= 3]


@given(st.text(), st.text())
def test_two_texts_hold_the_tokens_of_each(one: str, other: str) -> None:
    assert token_set([one, other]) == set(tokens(one)) | set(tokens(other))
