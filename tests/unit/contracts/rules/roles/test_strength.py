"""How strongly sentences show a requirement: things named, subjects in words, alternatives, and leadership."""

import pytest

from contracts.rules.roles.strength import (
    Strength,
    best_places,
    find_alternatives,
    missing_names,
    roots,
    show,
    strength_of,
    years_asked,
)


def strength(requirement: str, *sentences: str, headings: str = "") -> str:
    judged = [
        strength_of(sought, [show(sought, roots(sentence), roots(headings)) for sentence in sentences])
        for sought in find_alternatives(requirement)
    ]
    return min(judged, key=list(Strength).index, default=Strength.NONE).value


@pytest.mark.parametrize(
    ("requirement", "sentence", "expected"),
    [
        ("Experience with Kafka", "Kafka carried the readings.", "strong"),
        ("Experience with Kafka", "A queue carried the readings.", "none"),
        ("Hands-on AWS and Terraform", "Everything lived in Terraform.", "strong"),
        ("AWS, Azure and Terraform", "Everything lived in Terraform.", "partial"),
        ("AWS, Azure or Terraform", "Everything lived in Terraform.", "strong"),
        ("Streaming (Kafka, Flink or Kinesis)", "Kafka streams fed the ledger.", "strong"),
        ("ARM assembly", "The British arm wanted an answer before Christmas.", "none"),
        ("Data governance", "Built data governance that refuses by evidence.", "strong"),
        ("Data governance", "The data was late.", "none"),
        ("Payments or retail banking", "Moved payments to real time.", "strong"),
        ("Led teams of engineers", "Engineers sorted the cards into teams.", "partial"),
        ("Led teams of 5 or more engineers", "I led a team of 12 engineers.", "strong"),
        ("Leadership", "I led 12 people.", "strong"),
        ("Excellent communication skills", "They communicated by letter.", "partial"),
        ("Intensive care nursing", "Two care agents reviewed the sessions.", "none"),
        ("Chartered structural engineer", "The chief engineer wanted a new structure.", "partial"),
        ("", "Anything.", "none"),
        ("5 years", "Five years of payments.", "none"),
    ],
)
def test_strength_of_a_sentence(requirement: str, sentence: str, expected: str) -> None:
    assert strength(requirement, sentence) == expected


def test_headings_alone_show_in_part() -> None:
    assert strength("Java microservices", "Eight services replaced it.", headings="Java, Microservices") == "partial"


def test_names_may_stand_in_several_sentences() -> None:
    shown = ("Everything lived in Terraform.", "Jobs ran on Kubernetes.", "Replay moved to AWS.")
    assert strength("AWS, Kubernetes and Terraform", *shown) == "strong"


def test_sentences_of_different_stories_and_new_names_are_shown_first() -> None:
    (sought,) = find_alternatives("AWS and Kubernetes")
    sentences = ["AWS it was.", "AWS again.", "Kubernetes ran it.", "AWS elsewhere."]
    shown = [show(sought, roots(one), frozenset()) for one in sentences]
    assert best_places(sought, shown, ["a", "a", "a", "b"], 3) == [0, 2, 3]


def test_what_is_missing_is_named_as_written() -> None:
    (sought,) = find_alternatives("AWS and Kubernetes")
    assert missing_names(sought, [show(sought, roots("On AWS."), frozenset())]) == ("Kubernetes",)


@pytest.mark.parametrize(
    ("text", "years"),
    [("5+ years of Java", 5), ("10 or more years", 10), ("3-5 yrs in banking", 3), ("Java", 0), ("365 days", 0)],
)
def test_years_asked(text: str, years: int) -> None:
    assert years_asked(text) == years
