"""Phrases that stories know as a whole, or not at all, whatever they know of the words apart."""

import pytest

from contracts.profile import NO_FACTS
from contracts.rules.guard.corpus_terms import corpus_terms
from contracts.rules.guard.phrases import without_shown_theme, without_unknown_products
from contracts.rules.guard.topics import topic_of
from contracts.story import Story

STORY = Story(
    id="a|b",
    title="SWIFT repair of public data",
    role="Senior Engineering Manager",
    action=("Reacted to an outage at night with the Spring Boot team.", "The mainframe app ran in one sector."),
)
TERMS = corpus_terms([STORY], NO_FACTS)


def known(terms: list[str]) -> list[bool]:
    return [term in TERMS for term in terms]


def test_the_phrase_of_a_theme_is_known_where_a_story_shows_it() -> None:
    assert without_shown_theme("Tell me about a time you worked under pressure", known) == "Tell me about a time you"  # type: ignore[arg-type]
    unshown = "Tell me about a time you disagreed with your boss"
    assert without_shown_theme(unshown, known) == unshown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("Does he know Swift UI?", ["Swift UI"]),
        ("spring boot or Data Factory?", ["Data Factory"]),
        ("the public sector", ["public sector"]),
        ("SWIFT data", []),
    ],
)
def test_a_product_of_everyday_words_is_known_where_a_story_has_it_whole(question: str, unknown: list[str]) -> None:
    rest, missing = without_unknown_products(question, known)  # type: ignore[arg-type]
    assert missing == unknown
    assert not any(name in rest for name in unknown)


@pytest.mark.parametrize(
    ("question", "is_unknown"),
    [
        ("Does he know React?", True),
        ("How did he react to the outage?", False),
        ("Does he know Spring?", False),
        ("Is he an engineering manager?", False),
        ("Is he an account manager?", True),
        ("Is he a senior manager?", False),
    ],
)
def test_a_technology_and_a_job_title_are_known_as_what_they_are(question: str, is_unknown: bool) -> None:
    assert topic_of(question, NO_FACTS, known).is_unknown is is_unknown  # type: ignore[arg-type]
