"""Nonsense rules match in any case, and as fast as plain patterns."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.settings import Settings
from lambdas.search.nonsense_rules import NonsenseRules

SHIPPED = [json.loads(line)["pattern"] for line in Settings().nonsense_file.read_text("utf-8").splitlines() if line]
ODD = (
    r"joke", r"Joke", r"[A-Z]{3}x", r"[ -_]{4}", r"[!-z]k", r"\x4a\w", r"(?-i:Ab)c", r"(?P<a>k)(?P=a)", r"(k)\1",
    r"([a-z])\1{2}", r"\101", "\u017fo", r"[^a-z ]\d", r"\bk\b|\Aweather\Z", r"é+",
    r"\S\B\w\.", "k\u2019s", r"\u004b", r"[+-a]",
)  # fmt: skip
WORDS = (
    "Tell",
    "me",
    "a",
    "JOKE",
    "weather",
    "abc",
    "Abc",
    "kK",
    "K",
    "x9",
    "9!",
    "SO",
    "e.",
    "recipe",
    "for",
    "Bread",
)
texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join) | st.text(max_size=30)


def plainly(pattern: str, query: str) -> bool:
    return re.search(pattern, query, re.IGNORECASE) is not None


@pytest.mark.parametrize("pattern", [*ODD, *SHIPPED])
@given(query=texts)
@example(query="KK kk Kk ABCX abcx JO Abc abC ___ ABC_ \u017fO so\u017f kelvin K")
@example(query="ABCX JOKE KK ABC_ A1 Abc")
def test_a_rule_matches_as_its_pattern_does_in_any_case(pattern: str, query: str) -> None:
    assert (NonsenseRules([("it", pattern)]).category(query) is not None) == plainly(pattern, query)


def test_the_shipped_rules_match_in_lower_case() -> None:
    plain = [rule for rule in NonsenseRules([("it", pattern) for pattern in SHIPPED])._lower if rule is not None]
    assert len(plain) == len(SHIPPED)
