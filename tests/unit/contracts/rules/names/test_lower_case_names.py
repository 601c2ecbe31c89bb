"""Names in lower case are found where they stand for an employer or a product, and ordinary words are not."""

from pathlib import Path

import pytest

from contracts.rules.names.lower_case_names import lower_case_names
from contracts.story_file import read_stories
from tests.support.builders.stories import SAMPLE_FILE

OTHER = Path(__file__).resolve().parents[4] / "relevance" / "other_portfolio.jsonl"
STORIES = [story for file in (SAMPLE_FILE, OTHER) for story in read_stories(file).stories]


def found(text: str) -> list[str]:
    return lower_case_names(text, lambda _: False)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("He worked at google.", ["google"]),
        ("He led google's team [1].", ["google"]),
        ("He moved netflix to kubernetes [1].", ["netflix", "kubernetes"]),
        ("He did so at initech [1].", ["initech"]),
        ("He did so at initech in 2019.", ["initech"]),
        ("He did so at initech bank.", ["initech"]),
        ("He joined initech, then left.", ["initech"]),
        ("He worked for initech and then stopped.", ["initech"]),
        ("He was employed by initech", ["initech"]),
        ("He consulted with initech until May.", ["initech"]),
        ("He did so for apple.", ["apple"]),
        ("Payments with stripe and others.", ["stripe"]),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        *(
            "It ran at scale.",
            "at peak, at run-time",
            "at launch in May",
            "joined forces",
            "at large banks and insurers",
        ),
        *("worked with customers.", "worked with finance and legal", "worked for years.", "worked with a bank."),
        *("employed by clients", "It hit its target.", "a stripe of data", "worked from home.", "The box, the shell."),
    ],
)
def test_ordinary_words_are_none(text: str) -> None:
    assert found(text) == []


def test_no_text_of_two_portfolios_has_any() -> None:
    texts = [text for story in STORIES for text in story.texts()]
    assert len(texts) > 5000
    assert {name for text in texts for name in found(text)} == set()


def test_what_the_evidence_holds_is_no_name() -> None:
    assert lower_case_names("at google and at initech.", {"google"}.__contains__) == ["initech"]
