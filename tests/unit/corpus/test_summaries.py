"""The 5P line and the strongest metric line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.corpus.summaries import five_p_line, strongest_metric_line
from tests.support.builders.stories import story

WORDS = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40), max_size=60)


@pytest.mark.parametrize(
    ("lines", "strongest"),
    [
        (["12 teams", "$5M", "4x faster", "3% better"], "3% better"),
        (["12 teams", "$5M", "4x faster"], "4x faster"),
        (["12 teams", "$5M"], "$5M"),
        (["12 teams", "900 teams"], "900 teams"),
        (["saved $500,000", "a $1.2B book"], "a $1.2B book"),
        (["up 5%", "up 40%"], "up 40%"),
        (["25 bps", "0.3%"], "0.3%"),
        (["up 40% first", "up 40% second"], "up 40% first"),
        (["only 3% but $9B", "up 4%"], "up 4%"),
        (["no figure"], ""),
        ([], ""),
    ],
)
def test_percentages_beat_multiples_beat_money_beat_counts_and_the_larger_wins(
    lines: list[str], strongest: str
) -> None:
    assert strongest_metric_line(story(performance=tuple(lines))) == strongest
    assert strongest_metric_line(story(result=tuple(lines))) == strongest


def test_performance_wins_a_tie_against_result() -> None:
    assert strongest_metric_line(story(result=("40% result",), performance=("40% performance",))) == "40% performance"


@pytest.mark.parametrize("line", ["- 40% less", "  - 40% less", "* 40% less", "    • 40% less  "])
def test_the_strongest_line_has_no_bullet(line: str) -> None:
    assert strongest_metric_line(story(result=(line,))) == "40% less"


def test_the_curated_summary_wins_over_a_composed_one() -> None:
    assert five_p_line(story(curated_summary="Curated.", purpose="Aim", result=("40%",))) == "Curated."


def test_a_composed_summary_is_goal_approach_and_outcome() -> None:
    told = story(purpose="Pay on time", process=("- Ran both.", "Marked each", "Third"), performance=("- 40% faster.",))
    assert five_p_line(told) == "Goal: Pay on time. Approach: Ran both; Marked each. Outcome: 40% faster."


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"purpose": "Pay on time"}, "Goal: Pay on time."),
        ({"process": ("Ran both",)}, "Approach: Ran both."),
        ({"result": ("Saved $5M!",)}, "Outcome: Saved $5M!"),
        ({"result": ("No figure",)}, ""),
        ({}, ""),
    ],
)
def test_a_missing_part_is_omitted(fields: dict[str, object], line: str) -> None:
    assert five_p_line(story(**fields)) == line


def test_line_breaks_and_runs_of_spaces_become_single_spaces() -> None:
    assert five_p_line(story(curated_summary=" one \n two\tthree ")) == "one two three"


@pytest.mark.parametrize("length", [219, 220])
def test_220_characters_are_not_cut(length: int) -> None:
    text = "x" * 100 + " " + "y" * (length - 101)
    assert five_p_line(story(curated_summary=text)) == text


def test_a_longer_line_is_cut_after_the_last_whole_word_that_fits() -> None:
    assert five_p_line(story(curated_summary="word " * 43 + "1234 last")) == "word " * 43 + "1234…"
    assert five_p_line(story(curated_summary="word " * 43 + "12345 last")) == "word " * 42 + "word…"


def test_no_comma_or_dash_is_left_before_the_ellipsis() -> None:
    assert five_p_line(story(curated_summary="word " * 42 + "word, - " + "x" * 30)) == "word " * 42 + "word…"
    assert five_p_line(story(curated_summary="word " * 42 + "word. " + "x" * 30)) == "word " * 42 + "word…"


def test_one_endless_word_is_cut_at_220_characters() -> None:
    assert five_p_line(story(curated_summary="x" * 300)) == "x" * 219 + "…"


@given(WORDS)
@example(["x" * 40] * 6)
def test_the_line_never_exceeds_220_characters_and_holds_whole_words(words: list[str]) -> None:
    text = " ".join(words)
    line = five_p_line(story(curated_summary=text))
    assert len(line) <= 220
    if len(text) <= 220:
        assert line == text
    else:
        assert line.endswith("…")
        kept, rest = line[:-1], text[len(line) - 1 :]
        assert text.startswith(kept)
        assert " " not in text[:219] or rest.lstrip(",;:-").startswith(" ")
