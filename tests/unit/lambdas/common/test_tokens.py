"""Tokens."""

import pytest

from lambdas.common.text.tokens import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("AI is on", []),
        ("Cloud-native C++/Java v2.0", ["cloud-native", "c++", "java", "v2.0"]),
        ("node.js; #hash _x_", ["node.js", "#hash", "_x_"]),
        ("été naïveté İstanbul", ["vet", "stanbul"]),
        ("PAYMENTS payments", ["payments", "payments"]),
    ],
)
def test_tokens_are_lower_case_runs_of_three_or_more(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected
