"""Themes of behavioural questions are searched for in the words of stories; other questions stay as they are."""

import pytest

from contracts.rules.questions.themes import find_theme, themed_query


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Tell me about a time you worked under pressure", "deadline"),
        ("Tell me about a time you handled conflict", "disagreed"),
        ("Tell me about a time you failed", "mistake"),
        ("Tell me about a time you disagreed with your boss", "sponsor"),
        ("Has he ever missed a deadline?", "slipped"),
        ("Tell me about a time you had to learn something quickly", "studied"),
        ("Tell me about a time you convinced a sceptical stakeholder", "critic"),
        ("How do you handle stress?", "outage"),
    ],
)
def test_a_theme_is_searched_for_in_the_words_that_show_it(question: str, word: str) -> None:
    assert word in themed_query(question).split()


@pytest.mark.parametrize(
    "question",
    [
        "How did he increase water pressure?",
        "Tell me about a conflict of interest",
        "Tell me about a time you dealt with a data migration that failed",
        "pressure",
        "What errors did he find in the billing run?",
    ],
)
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert find_theme(question) is None
    assert themed_query(question) == question


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("What are his weaknesses?", "feedback"),
        ("Why did he leave his last job?", "resigned"),
        ("Which projects failed?", "mistake"),
        ("How many projects failed?", "mistake"),
    ],
)
def test_a_theme_needs_no_tell_me(question: str, word: str) -> None:
    assert word in themed_query(question).split()
