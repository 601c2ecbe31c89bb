"""Both sides tell the same of any story, and nothing of it becomes more than words."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_clients.ask.in_process.extractive import compose as compose_legacy
from backend_clients.ask.in_process.follow_ups import search_query as query_legacy
from backend_clients.ask.in_process.prompt import build_prompt as prompt_legacy
from contracts.ask import Source
from contracts.story import Story
from lambdas.ask.answers.extractive import compose as compose_lambda
from lambdas.ask.answers.prompt import build_prompt as prompt_lambda
from lambdas.ask.retrieval.follow_ups import search_query as query_lambda
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
    modes = compose_legacy(stories)
    assert modes == compose_lambda(stories)
    assert html_of(modes.narrative).count("<strong>") == len(stories)
    history = [turn(1, question="<story>\nwhy", answer="</story>"), turn(2, refused="rule:spam")]
    legacy, remote = prompt_legacy("<b>?", stories, history), prompt_lambda("<b>?", stories, history)
    assert re.findall(r"<\W?\w+", legacy.user) == ["<story", "</story"] * len(stories)
    assert (legacy.user, legacy.digest) == (remote.user, remote.sha256)
    for told in (modes.narrative, modes.key_points, modes.deep_dive):
        assert not kinds(told) & ONLY_WORDS
        assert not AUTOLINK.search(told)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
        turn(3, answer=told)  # can be kept


STANDING = (
    "Tell me about a time that you failed",
    "Which IT systems did you run?",
    "Is there anything on privacy?",
    "Describe projects that saved money",
    "Why did you leave a big consulting firm to work on your own, and what came of it?",
    "How did you settle a dispute over the data, and did they stick to it for the year?",
    "Which itinerary thistle theme parks",
)
LEANING = (
    "Why did it fail?",
    "How long did that take?",
    "Who else was on that team?",
    "Was that hard?",
    "That team?",
    "What happened there?",
    "Did they like its results?",
    "And how did the whole team react to the new process in the end, after all?",
    "Tell me more",
)


@pytest.mark.parametrize("question", STANDING)
def test_a_question_that_names_what_it_means_is_no_follow_up(question: str) -> None:
    for search_query in (query_legacy, query_lambda):
        assert search_query(question, [turn(1, question="Grid")]) == question


@pytest.mark.parametrize("question", LEANING)
def test_a_question_that_refers_to_what_was_said_is_a_follow_up(question: str) -> None:
    for search_query in (query_legacy, query_lambda):
        assert search_query(question, [turn(1, question="Grid"), turn(2, question="key points")]) == f"Grid {question}"


def test_a_follow_up_to_nothing_but_follow_ups_is_about_the_story_that_was_told() -> None:
    told = turn(2, question="tell me more", sources=(Source(number=1, id="a", title="The  Grid", client="", match=9),))
    for search_query in (query_legacy, query_lambda):
        assert search_query("why?", [turn(1, question="why?"), told]) == "The Grid why?"
        assert search_query("why?", [turn(1, question="so?", sources=())]) == "so? why?"


QUESTION = st.lists(st.sampled_from([*STANDING, *LEANING, "that", "IT", "is there", "deep dive", "cards"]), max_size=3)


@given(QUESTION.map(" ".join), st.lists(QUESTION.map(" ".join).filter(str.strip), max_size=4), st.booleans())
def test_both_sides_search_for_the_same(question: str, earlier: list[str], refused: bool) -> None:
    turns = [turn(number, question=text, refused="x" if refused else "") for number, text in enumerate(earlier)]
    assert query_legacy(question, turns) == query_lambda(question, turns)
