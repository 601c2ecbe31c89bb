"""The strongest metric line and the 5P line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.story import Story
from lambdas.common.text.summaries import SUMMARY_LENGTH, headline, shortened, summary


def summary_of(story: Story) -> str:
    return summary(story, headline(story))


@pytest.mark.parametrize(
    ("performance", "result", "expected"),
    [
        ((), (), ""),
        (("Nothing measured",), ("Went live in 2019",), ""),
        (("saved $1.2B", "cut 3% of it"), (), "cut 3% of it"),
        (("cut 3%", "cut 30%"), ("cut 29.9%",), "cut 30%"),
        (("150+ clients", "saved $500,000", "grew 4x"), (), "grew 4x"),
        (("saved $500,000",), ("saved $1.2B",), "saved $1.2B"),
        (("200 users", "135,000+ clients"), (), "135,000+ clients"),
        (("up 25 bps, for 5,000 users", "up 0.3%"), (), "up 0.3%"),
        (("first 10%", "second 10%"), ("third 10%",), "first 10%"),
        (("2% here and 50% there", "49%"), (), "2% here and 50% there"),
        (("grew 4x",), ("  - cut 5% of cost ",), "cut 5% of cost"),
        (("* saved $2M", "• saved $1.2B", "500+ clients"), (), "saved $1.2B"),
        (("9% and 300+ clients",), ("12% less",), "12% less"),
        (("-5% in cost, 10% more",), (), "-5% in cost, 10% more"),
    ],
)
def test_the_strongest_metric_line_wins(performance: tuple[str, ...], result: tuple[str, ...], expected: str) -> None:
    assert headline(Story(id="a", performance=performance, result=result)) == expected


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "  - ", "\t"])
def test_a_headline_has_no_bullet(mark: str) -> None:
    assert headline(Story(id="a", result=(f"{mark}40% faster",))) == "40% faster"


def test_a_curated_summary_is_unchanged() -> None:
    story = Story(id="a", curated_summary="Said  by\nthe owner", purpose="Unused", result=("40%",))
    assert summary_of(story) == "Said by the owner"


def test_a_summary_is_composed_of_goal_approach_and_outcome() -> None:
    story = Story(
        id="a",
        purpose="Pay faster!",
        process=("- Mapped the flow.", "  * Cut the queue", "Third"),
        performance=("• 40% faster",),
    )
    assert summary_of(story) == "Goal: Pay faster! Approach: Mapped the flow; Cut the queue. Outcome: 40% faster."


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ""),
        ({"purpose": "Why?"}, "Goal: Why?"),
        ({"process": ("One.",)}, "Approach: One."),
        ({"result": ("40% and on…",)}, "Outcome: 40% and on…"),
    ],
)
def test_an_empty_part_is_omitted(fields: dict[str, str], expected: str) -> None:
    assert summary_of(Story(id="a", **fields)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 220, "x" * 220),
        ("x" * 221, "x" * 219 + "…"),
        ("x" * 219 + " y", "x" * 219 + "…"),
        ("x" * 218 + " yy", "x" * 218 + "…"),
        ("x" * 100 + " - " + "y" * 200, "x" * 100 + "…"),
        ("x" * 100 + ", ; : " + "y" * 200, "x" * 100 + "…"),
        ("word " * 50, ("word " * 43).strip() + " word…"),
    ],
)
def test_a_long_line_is_shortened_between_words(text: str, expected: str) -> None:
    assert shortened(text) == expected


@given(st.text(alphabet="ab ,;:-\n.é😀", max_size=500))
def test_a_shortened_line_fits_and_is_a_prefix_of_the_text(text: str) -> None:
    line, short = " ".join(text.split()), shortened(text)
    assert len(short) <= SUMMARY_LENGTH
    assert short == line if len(line) <= SUMMARY_LENGTH else short.endswith("…")
    assert line.startswith(short.removesuffix("…"))
