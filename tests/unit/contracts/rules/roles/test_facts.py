"""Requirements that stories cannot show."""

import pytest

from contracts.rules.roles.facts import ABOUT_CONDITIONS, ABOUT_MANNER, profile_question, profile_roots, why_unshown


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ("Night shifts are required", ABOUT_CONDITIONS),
        ("Willing to travel up to 20%", ABOUT_CONDITIONS),
        ("Must be authorized to work in the EU", ABOUT_CONDITIONS),
        ("Driver's license", ABOUT_CONDITIONS),
        ("Excellent communication skills", ABOUT_MANNER),
        ("Kafka", ""),
        ("Communication of cloud costs", ""),
    ],
)
def test_why_no_story_shows_it(requirement: str, reason: str) -> None:
    assert why_unshown(requirement) == reason


@pytest.mark.parametrize(
    ("requirement", "word"),
    [
        ("Bachelor's degree in Computer Science", "degrees"),
        ("MBA preferred", "degrees"),
        ("AWS certification", "certificates"),
        ("Valid nursing licence", "certificates"),
        ("Driving licence", ""),
        ("Java", ""),
    ],
)
def test_what_the_profile_is_asked(requirement: str, word: str) -> None:
    question = profile_question(requirement)
    assert word in question
    assert bool(question) == bool(word)


def test_a_degree_by_its_letters_is_one_in_words() -> None:
    assert {"bachelor", "comput"} <= profile_roots("B.Sc. Computer Science")
