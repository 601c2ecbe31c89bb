"""The three modes of an answer: their exact text, and that story text stays text."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.ask.in_process.extractive import clean, compose, escaped
from contracts.story import Story
from contracts.story_row import story_from_row
from tests.support.builders.stories import story
from tests.support.sides.in_process import turn
from tests.support.site.rendered import ONLY_WORDS, html_of, kinds

FIRST = story(
    "first",
    title="Cutting the queue",
    client="Acme",
    category="Payments",
    sub_category="Cards",
    scope="Four countries",
    purpose="Pay on time",
    situation=("- Slow.", "  - Very slow.", "\tLate"),
    task=("Mend it.",),
    action=("* Mended it", "    * twice"),
    result=("30% fewer calls", "• Peace"),
    process=("- Listen first.", "Then  build", "Then leave"),
    performance=("40% faster", "$2M saved"),
)
SECOND = story("second", title="Second", action=("Just did it!",), result=("Happy people",))
THIRD = story("third", title="Third", category="Data")


def test_the_three_modes_of_three_stories() -> None:
    modes = compose([FIRST, SECOND, THIRD], "")
    assert modes.key_points == (
        "**Cutting the queue** [1]\n"
        "- Scope: Four countries.\n"
        "- Approach: Listen first.\n"
        "- Outcome: 40% faster.\n"
        "- Domain: Payments / Cards\n"
        "\n"
        "**Second** [2]\n"
        "- Approach: Just did it\\!\n"
        "- Outcome: Happy people.\n"
        "\n"
        "**Third** [3]\n"
        "- Domain: Data"
    )
    assert modes.deep_dive == (
        "### Cutting the queue [1]\n"
        "\n"
        "#### Situation\n"
        "\n"
        "- Slow.\n"
        "  - Very slow.\n"
        "  - Late\n"
        "\n"
        "#### Task\n"
        "\n"
        "- Mend it.\n"
        "\n"
        "#### Action\n"
        "\n"
        "- Mended it\n"
        "  - twice\n"
        "\n"
        "#### Result\n"
        "\n"
        "- 30% fewer calls\n"
        "- Peace\n"
        "\n"
        "#### Also relevant\n"
        "\n"
        "- Second [2]\n"
        "- Third [3]"
    )


def test_a_story_of_a_title_alone_is_told_in_a_sentence() -> None:
    modes = compose([story(title="Alone")], "")
    assert (modes.narrative, modes.key_points, modes.deep_dive) == (
        "",
        "**Alone** [1]",
        "### Alone [1]",
    )


def test_a_story_without_a_title_has_a_name_all_the_same() -> None:
    modes = compose([story(title="", client="Acme"), story(title=" ")], "")
    assert modes.key_points == "**Untitled story** [1]\n\n**Untitled story** [2]"
    assert modes.deep_dive == "### Untitled story [1]\n\n#### Also relevant\n\n- Untitled story [2]"


def test_even_a_very_long_story_is_told_in_an_answer_that_can_be_kept() -> None:
    modes = compose([story(title="T", action=("Went on and on. " * 400,) * 10)], "")
    assert turn(1, answer=modes.deep_dive, modes=modes).answer == modes.deep_dive


@pytest.mark.parametrize(
    ("line", "nested"),
    [("x", False), (" x", False), ("  x", True), ("\tx", True), (" \tx", True), ("\u3000\u3000x", False)],
)
def test_a_line_of_two_spaces_or_a_tab_is_nested(line: str, nested: bool) -> None:
    deep = compose([story(title="T", task=("a", line))], "").deep_dive
    assert deep.endswith(f"- a\n{'  ' if nested else ''}- x")
    assert html_of(deep).count("<ul>") == 1 + nested


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- a  b", "a b"),
        ("  * a\tb ", "a b"),
        ("• a", "a"),
        ("-a", "-a"),
        ("a - b", "a - b"),
        ("- - a", "- a"),
        ("", ""),
    ],
)
def test_a_clean_line_has_neither_bullet_nor_wide_gaps(line: str, text: str) -> None:
    assert clean(line) == text


def test_every_character_that_markdown_reads_is_escaped() -> None:
    assert escaped("\\`*_{}[]<>#|~$! .-+()") == r"\\\`\*\_\{\}\[\]\<\>\#\|\~\$\! .-+()"


HOSTILE = (
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</p><a href='//evil.example'>x</a>",
    "<https://evil.example>",
    "<me@evil.example>",
    "[ref][r]",
    "[r]: https://evil.example",
    "[1]: https://evil.example",
    "\\[x\\](https://evil.example)",
    "\\\\[x](y)",
    "`code` ```fence```",
    "~~~fence~~~",
    "&lt;img src=x&gt; &#91;x&#93;(https://evil.example)",
    "$\\href{https://evil.example}{x}$",
    "# heading",
    "===",
    "| a | b |",
    "    indented code",
    "\tcode",
    "> quote",
    "1. one",
    "**bold** _it_",
    "<!-- comment -->",
    "<![CDATA[x]]>",
    "<?php x ?>",
    "*[x](y)*",
    "][x](y)",
    "!",
)
PIECES = st.lists(
    st.sampled_from([*HOSTILE, "x", " ", "\\", "[", "]", "(", ")", "!", "<", ">", "`"]), min_size=1, max_size=6
)


def hostile_story(text: str) -> Story:
    """The text in every field, as the loader would take it."""
    loaded, _ = story_from_row(
        "a|x",
        {
            **dict.fromkeys(("Title", "Client", "Category", "Sub-category", "Purpose"), text),
            "Project Scope / Complexity": text,
            **{key: [text, f"  - {text}"] for key in ("Situation", "Task", "Action", "Process")},
            **{key: [text, f"{text} 40% up"] for key in ("Result", "Performance")},
        },
    )
    return loaded


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_story_text_is_shown_and_does_nothing(text: str) -> None:
    assert_only_words(text)


@given(PIECES.map("".join))
@example("[x](y)\n[x](y)")
@example("\\")
def test_no_story_text_becomes_a_link_an_image_or_html(text: str) -> None:
    assert_only_words(text)


def assert_only_words(text: str) -> None:
    one = hostile_story(text)
    modes = compose([one, one, one], "")
    for markdown in (modes.key_points, modes.deep_dive):
        assert not kinds(markdown) & ONLY_WORDS, markdown
        assert not re.search(r"<(?!/?(?:p|ul|ol|li|h3|h4|strong|blockquote|hr)\b)", html_of(markdown)), markdown
    marks = re.findall(r"(?<!\\)\[([^\]\\]*)\]", modes.key_points)
    assert marks == ["1", "2", "3"]
