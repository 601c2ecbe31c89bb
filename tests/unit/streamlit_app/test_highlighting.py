"""Highlighting of searched words in a text: by stem, without asking words and the owner's name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.questions.generic_words import stem, words
from streamlit_app.shared.markdown_escape import escape_markdown, highlighted, searched_stems

MARKED = re.compile(r":violet-background\[((?:[^\]\\]|\\.)*)\]")


def marked(text: str, query: str, owner: str = "") -> list[str]:
    return [re.sub(r"\\(.)", r"\1", found) for found in MARKED.findall(highlighted(text, searched_stems(query, owner)))]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Migrated 40 systems; one migration a week.", "migrations", ["Migrated", "migration"]),
        (
            "A modernised core, modernization of payments",
            "modernise payment",
            ["modernised", "modernization", "payments"],
        ),
        ("Payment of PAYMENTS.", "payments", ["Payment", "PAYMENTS"]),
        ("Cloud-native services on AWS", "native aws", ["native", "AWS"]),
        ("C++ and C# beside C", "C#", ["C#"]),
        ("The client\u2019s clients", "client", ["client\u2019s", "clients"]),
        ("Re\u0301sume\u0301 of r\u00e9sum\u00e9s", "r\u00e9sum\u00e9", ["Re\u0301sume\u0301", "r\u00e9sum\u00e9s"]),
        ("pay\u00adments", "payment", ["pay\u00adments"]),
        ("Payday is no payment", "pay", []),
        ("a b", "?!", []),
    ],
)
def test_whole_words_with_a_searched_stem_are_highlighted(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


@pytest.mark.parametrize(
    "query", ["tell me about a time you worked with the team on kafka", "Does Ada know Kafka?", "ada lovelace KAFKA"]
)
def test_asking_words_and_the_owner_s_name_are_not_highlighted(query: str) -> None:
    text = "Ada Lovelace worked a long time with Kafka, and you know about it"
    assert marked(text, query, owner="Ada Lovelace") == ["Kafka"]


def test_the_rest_of_the_text_has_the_given_colour() -> None:
    stems = searched_stems("payments")
    assert highlighted("Acme Payments", stems, around="gray") == ":gray[Acme] :violet-background[Payments]"
    assert highlighted("Acme", frozenset(), around="gray") == ":gray[Acme]"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.sampled_from(["pay", "cloud api"]))
def test_text_without_searched_stems_is_escaped_and_not_highlighted(text: str, query: str) -> None:
    shown = highlighted(text, searched_stems(query))
    if searched_stems(query).isdisjoint(map(stem, words(text))):
        assert ":violet-background[" not in shown
        assert shown.strip() == escape_markdown(text)
