"""What is taken for a secret in a log line, and what is not."""

import pytest

from contracts.rules.secrets import without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the key my own words of the environment is wrong", "the key [key] is wrong"),
        ("Incorrect API key provided: sk-pro****wxyz.", "Incorrect API key provided: [key]."),
        ("{'Authorization': 'Bearer abc.def', 'Accept': 'a'}", "{'Authorization': '[key]', 'Accept': 'a'}"),
        ('{\\"x-api-key\\": \\"abc\\"}', '{\\"x-api-key\\": \\"[key]\\"}'),
        ("Bearer abc.def== told", "Bearer [key] told"),
        ("mail to jo.doe+x@example.co.uk", "mail to [e-mail]"),
        ("a risk-adjusted task-based plan of 12 sk", "a risk-adjusted task-based plan of 12 sk"),
        ("the bearer", "the bearer"),
    ],
)  # fmt: skip
def test_secrets_are_left_out(text: str, shown: str) -> None:
    environment = {"SOME_API_KEY": "my own words of the environment", "SHORT_KEY": "is", "PLAIN": "wrong"}
    assert without_secrets(text, environment) == shown
