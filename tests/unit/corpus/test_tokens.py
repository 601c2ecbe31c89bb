"""Splitting text into the tokens that the keyword rules count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.tokens import token_set, tokens

ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+#-_.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SWIFT payments", ["swift", "payments"]),
        ("a C# or C++ API", ["c++", "api"]),
        ("Node.js CI/CD", ["node.js"]),
        ("front-end, back_end!", ["front-end", "back_end"]),
        ("the The THE", ["the", "the", "the"]),
        ("naïve café", ["caf"]),
        ("12 123", ["123"]),
        ("", []),
    ],
)
def test_tokens_are_lower_case_and_of_three_characters_or_more(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@given(st.text())
def test_tokens_agree_with_a_plain_scan_of_the_text(text: str) -> None:
    runs = "".join(char if char in ALLOWED else " " for char in text).split(" ")
    assert tokens(text) == [run.lower() for run in runs if len(run) >= 3]


@given(st.text(), st.text())
def test_two_texts_hold_the_tokens_of_each(one: str, other: str) -> None:
    assert token_set([one, other]) == set(tokens(one)) | set(tokens(other)) == set(tokens(f"{one} {other}"))
