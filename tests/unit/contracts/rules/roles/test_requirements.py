"""Requirements of a job description: found under headings and in prose, as worded, required and preferred apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.folding import visible
from contracts.rules.roles.requirements import MAX_LENGTH, MAX_REQUIREMENTS, find_requirements

LISTED = """Director of Platforms

About Example Bank
We value curiosity and people who need little sleep.

The role
- Lead three teams

Requirements:
\u2022 10+ years in software engineering
\u2022\tHands-on knowledge of AWS; Terraform
\u2022 An MBA is a plus

**Nice to have**
1. Kafka
2) Rust

WHAT WE OFFER
- 30 days of paid leave
"""
PROSE = (
    "We are a clinic. We are looking for a nurse with experience in intensive care. You must hold a licence. "
    "Spanish is a plus. We offer a competitive salary. Our garden is large."
)


def found(text: str) -> list[tuple[str, bool]]:
    return [(one.text, one.is_required) for one in find_requirements(text)]


def test_points_under_headings() -> None:
    assert found(LISTED) == [
        ("10+ years in software engineering", True),
        ("Hands-on knowledge of AWS", True),
        ("Terraform", True),
        ("An MBA is a plus", False),
        ("Kafka", False),
        ("Rust", False),
    ]


def test_sentences_that_ask_in_prose() -> None:
    assert found(PROSE) == [
        ("We are looking for a nurse with experience in intensive care", True),
        ("You must hold a licence", True),
        ("Spanish is a plus", False),
    ]


def test_duties_count_where_nothing_else_is_asked_for() -> None:
    assert found("Responsibilities\n- Run the payments hub\n") == [("Run the payments hub", True)]
    assert found("Responsibilities\n- Run the hub\n\nRequirements\n- Java\n") == [("Java", True)]


@pytest.mark.parametrize(
    "heading",
    [
        "Requirements",
        "QUALIFICATIONS",
        "## Must have",
        "**What you\u2019ll bring**",
        "Who you are:",
        "Your profile",
        "Key skills",
    ],
)
def test_headings_of_requirements(heading: str) -> None:
    assert found(f"{heading}\n\n- Java\n") == [("Java", True)]


@pytest.mark.parametrize("heading", ["Nice to have", "Preferred qualifications", "BONUS", "**Desirable**", "Pluses:"])
def test_headings_of_preferences(heading: str) -> None:
    assert found(f"Requirements\n- Go\n{heading}\n- Java\n") == [("Go", True), ("Java", False)]


def test_a_heading_with_its_points_on_one_line() -> None:
    assert found("Must have: Java; SQL.\nPreferred: Kafka\n") == [("Java", True), ("SQL", True), ("Kafka", False)]


def test_a_point_is_listed_once_whatever_its_case() -> None:
    assert found("Requirements\n- Java\n- java \n- JAVA\n") == [("Java", True)]


def test_many_points_and_long_ones_are_bounded() -> None:
    many = "Requirements\n" + "".join(f"- skill {number}\n" for number in range(100))
    assert len(found(many)) == MAX_REQUIREMENTS
    ((text, _),) = found("Requirements\n- " + "word " * 1000)
    assert len(text) <= MAX_LENGTH


@given(st.text(max_size=400))
def test_nothing_is_invented(text: str) -> None:
    shown = visible(text)
    assert all(visible(one.text) in shown for one in find_requirements(text))
