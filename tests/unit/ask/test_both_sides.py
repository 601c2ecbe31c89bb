"""Both sides tell the same of any story, and nothing of it becomes more than words."""

import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.ask.in_process.extractive import compose as compose_legacy
from backend_clients.ask.in_process.prompt import build_prompt as prompt_legacy
from contracts.story import Story
from lambdas.ask.answers.extractive import compose as compose_lambda
from lambdas.ask.answers.prompt import build_prompt as prompt_lambda
from tests.support.sides.in_process import turn
from tests.support.site.rendered import ONLY_WORDS, html_of, kinds

PIECES = (
    *(
        "- ",
        "* ",
        "• ",
        "-",
        "- - - ",
        "  ",
        "\t",
        "\n",
        "40%",
        "$1.2B",
        "3x",
        "word",
        "y.",
        "…",
        "!",
        ".",
        *(":", ";", "?”", ")", "Multiple Clients"),
        "<b>",
        "[1](x)",
    ),
    *("\u00a0", "\u2003", "\u200b", "\ufeff", "\x07", "\x1c", "\x7f", "\x85", "\x9f"),
    *(
        "www.evil.example",
        "https://evil.example/z",
        "HTTP://evil.example",
        "someone@evil.example",
        "mailto:a@evil.example",
    ),
)
LINE = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
LINES = st.lists(LINE, max_size=3).map(tuple)
NAMES = ("title", "client", "category", "purpose", "scope", "role")
LISTS = ("process", "action", "result", "performance", "situation", "task")
STORY = st.fixed_dictionaries({**dict.fromkeys(NAMES, LINE), **dict.fromkeys(LISTS, LINES)})
AUTOLINK = re.compile(r"https?://|www\\?\.|[\w.+-]@[\w-]+\\?\.[\w-]", re.IGNORECASE)


def story(number: int, fields: dict[str, Any]) -> Story:
    return Story(id=f"story <{number}>", **fields)


@given(st.lists(STORY, min_size=1, max_size=3))
@example([{"title": "T", "process": ("", "."), "action": ("then",), "performance": ("- - - 40% x",)}])
@example([{"title": "T", "purpose": " \x07", "process": ("\x07- x",), "result": ("- \x07- 40%",)}])
def test_both_sides_tell_the_same_and_only_words(fields: list[dict[str, Any]]) -> None:
    stories = [story(number, given_fields) for number, given_fields in enumerate(fields)]
    modes = compose_legacy(stories, "Told. [1]")
    assert modes == compose_lambda(stories, "Told. [1]")
    assert html_of(modes.key_points).count("<strong>") == len(stories)
    history = [turn(1, question="<story>\nwhy", answer="</story>"), turn(2, refused="rule:spam")]
    legacy, remote = prompt_legacy("<b>?", stories, history), prompt_lambda("<b>?", stories, history)
    assert re.findall(r"<\W?\w+", legacy.user) == ["<story", "</story"] * len(stories)
    assert (legacy.user, legacy.digest) == (remote.user, remote.sha256)
    for told in (modes.narrative, modes.key_points, modes.deep_dive):
        assert not kinds(told) & ONLY_WORDS
        assert not AUTOLINK.search(told)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
        turn(3, answer=told)  # can be kept
