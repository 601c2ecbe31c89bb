"""The owner's name in a question, and tags that are technologies."""

import pytest

from contracts.rules.names.named_stories import about_named
from contracts.rules.questions.organizations import is_aggregate, is_self
from contracts.rules.questions.persons import with_pronouns
from contracts.rules.questions.technologies import is_language, is_technology
from tests.support.builders.stories import story


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("has ada used Kafka?", "has he used Kafka?"),
        ("Ada Quint's clients", "his clients"),
        ("What's Ada\N{RIGHT SINGLE QUOTATION MARK}s role?", "What is his role?"),
        ("Tell me about the candidate", "Tell me about he"),
        ("Work at Ada Foods", "Work at Ada Foods"),
        ("mail ada@example.com", "mail ada@example.com"),
        ("Did adagio help?", "Did adagio help?"),
    ],
)
def test_the_owner_is_a_pronoun(question: str, plain: str) -> None:
    assert with_pronouns(question, ("ada", "quint")) == plain


def test_a_name_that_is_an_ordinary_word_stays() -> None:
    assert with_pronouns("Will he?", ("will",)) == "Will he?"


def test_technologies_and_languages() -> None:
    assert [tag for tag in ("Java", "SWIFT", "Power BI", "C++", "Leadership", "CI/CD") if is_technology(tag)] == [
        "Java",
        "Power BI",
        "C++",
        "CI/CD",
    ]
    assert [tag for tag in ("Java", "SWIFT", "Kafka", "R") if is_language(tag)] == ["Java", "R"]


def test_the_stories_of_what_is_named() -> None:
    acme, bolt = story("a", client="Acme Foods"), story("b", client="Bolt", employer="Kestrel Advisory")
    assert about_named("What was done at Acme Foods?", [bolt, acme]) == [acme]
    assert about_named("Work for Kestrel Advisory", [acme, bolt]) == [bolt]
    assert about_named("What about payments?", [bolt, acme]) == [bolt, acme]


def test_placeholders() -> None:
    assert is_aggregate(" multiple  clients")
    assert is_self("Self")
    assert not is_self("Selfridge")
