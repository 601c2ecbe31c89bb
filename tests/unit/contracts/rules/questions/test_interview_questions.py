"""Splitting of interview questions: numbered, quoted, several in a line."""

import pytest

from contracts.rules.questions.interview_questions import interview_questions
from tests.support.builders.stories import story


@pytest.mark.parametrize(
    ("texts", "questions"),
    [
        ((), []),
        (("Why? How?",), ["Why?", "How?"]),
        (("Why?", "Tell me."), ["Why?", "Tell me."]),
        (("Why?\nHow?\t Who",), ["Why?", "How?", "Who"]),
        (("  ",), []),
        (("a\x07b?",), ["a b?"]),
        (
            ("Describe a failure.", "When two systems disagreed, who won?"),
            ["Describe a failure.", "When two systems disagreed, who won?"],
        ),
        (
            ("Tell me about X. Describe a failure. What of it?",),
            ["Tell me about X.", "Describe a failure.", "What of it?"],
        ),
        (("The client refused. How did you react?",), ["The client refused. How did you react?"]),
        (("Tell me about Dr. Smith at St. Mary's.",), ["Tell me about Dr. Smith at St. Mary's."]),
        (("1. Tell me about X.\n2. Describe Y.",), ["Tell me about X.", "Describe Y."]),
        (("1) How? 2) What? 3. Tell me why.",), ["How?", "What?", "Tell me why."]),
        (("Q1: How? Q2: What?", "- Why?", "\u2022 Tell me \u2022 How?"), ["How?", "What?", "Why?", "Tell me"]),
        (
            ('"Tell me about X." "How?"', "\u201cWhy?\u201d / \u201cWho?\u201d"),
            ["Tell me about X.", "How?", "Why?", "Who?"],
        ),
        (("Why?, How?; Who?What?? (And when?)",), ["Why?", "How?", "Who?", "What??", "And when?"]),
        (("How?", "Why?", "How?"), ["How?", "Why?"]),
        (("-", '"', "2."), []),
        (("What about .NET and 24/7, e.g. at 99.5%?",), ["What about .NET and 24/7, e.g. at 99.5%?"]),
    ],
)
def test_single_questions_are_taken_out_of_strings_of_several(texts: tuple[str, ...], questions: list[str]) -> None:
    assert interview_questions(story(interview_questions=texts)) == questions
