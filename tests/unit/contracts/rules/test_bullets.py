"""Bullets of every kind become one kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.bullets import bulleted_lines, with_plain_bullet, without_bullet

MARKS = (
    *"\u2022\u2192\u2794\u2605\u2610\u00bb\u25e6\u2023\u00b7\u25aa\u25cf\u27a2\uf0b7-*+\u2013\u2014",
    *("1.", "12.", "1)", "(3)", "a)", "(b)", "iv)"),
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("gap", [" ", "\t", "\u00a0", "\t \u2003"])
@pytest.mark.parametrize(("indent", "kept"), [("", ""), ("  ", "  "), ("\t", "\t"), ("\u00a0 ", "  ")])
def test_a_mark_and_white_space_are_a_bullet_at_the_same_indentation(
    mark: str, gap: str, indent: str, kept: str
) -> None:
    assert with_plain_bullet(f"{indent}{mark}{gap}Cut cost by 40%") == f"{kept}- Cut cost by 40%"


@pytest.mark.parametrize(
    "line",
    [
        "-40% cost",
        "*bold* words",
        "1.5 million rows",
        "2020. A hard year",
        "100) Too many",
        "A. Smith signed it",
        "I led it",
        "(Again) we failed",
        "  indented",
        "\u2014quoted",
        "o was the letter",
        "",
    ],
)
def test_what_words_begin_with_is_no_bullet(line: str) -> None:
    assert with_plain_bullet(line) == line


@pytest.mark.parametrize("mark", [*MARKS, " \u2022\t"])
def test_a_bullet_alone_is_nothing(mark: str) -> None:
    assert with_plain_bullet(mark) == without_bullet(mark) == ""


def test_the_second_level_of_a_word_processor_is_a_bullet() -> None:
    assert with_plain_bullet("\to\tNested") == "\t- Nested"
    assert with_plain_bullet("\u2022No gap") == "- No gap"


def test_round_bullets_in_one_line_are_as_many_lines() -> None:
    assert bulleted_lines("  \u2022 One \u2022 Two\nThree \u2022 four") == [
        "  \u2022 One",
        "  \u2022 Two",
        "Three \u2022 four",
    ]


@given(st.text(max_size=30))
def test_a_plain_bullet_stays_as_it_is(text: str) -> None:
    once = with_plain_bullet(f"- {text}")
    assert once in ("", f"- {text.lstrip()}") or once.startswith("- ")
    assert with_plain_bullet(once.rstrip()) in ("", once.rstrip())


@pytest.mark.parametrize("line", ["\u200b\u2022 Cut cost", "\ufeff - Cut cost", "o\u00a0Cut cost", "o  Cut cost"])
def test_invisible_characters_before_a_bullet_and_a_wide_gap_after_a_letter(line: str) -> None:
    assert without_bullet(line) == "Cut cost"
