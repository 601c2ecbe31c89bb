"""The question guard: rules of a file, and questions declined for words that the corpus does not know."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import load_corpus
from backend_clients.corpus.question_guard import NonsenseRuleError, QuestionGuard, load_rules
from backend_clients.settings import REPOSITORY
from contracts.story import NARRATIVE_THEME
from tests.support.builders.stories import SAMPLE_FILE, corpus, story, write_rows

SHIPPED = REPOSITORY / "streamlit_app" / "data" / "nonsense_filters.jsonl"


def rule(category: str = "weather", pattern: str = "rain") -> dict[str, Any]:
    return {"category": category, "pattern": pattern}


# The file of rules


def test_rules_are_read_in_order_and_blank_lines_skipped(tmp_path: Path) -> None:
    path = tmp_path / "rules.jsonl"
    path.write_text(f"\n{json.dumps(rule())}\n   \n{json.dumps(rule('jokes', 'joke'))}\n", "utf-8")
    assert [(item.category, item.pattern.pattern) for item in load_rules(path)] == [
        ("weather", "rain"),
        ("jokes", "joke"),
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("[1]", "wants an object"),
        ('"text"', "wants an object"),
        ("null", "wants an object"),
        ('{"category": "x"}', "wants an object"),
        ('{"pattern": "x"}', "wants an object"),
        ('{"category": 1, "pattern": "x"}', "wants an object"),
        ('{"category": "x", "pattern": null}', "wants an object"),
        ('{"category": " ", "pattern": "x"}', "must not be empty"),
        ('{"category": "x", "pattern": ""}', "must not be empty"),
        ('{"category": "x", "pattern": "(rain"}', r"\(rain"),
        ('{"category": "x", "pattern": "*"}', "nothing to repeat"),
        (json.dumps(rule("other", "first")), "repeats an earlier pattern"),
    ],
)
def test_a_rule_that_cannot_be_used_names_file_and_line(tmp_path: Path, line: str, what: str) -> None:
    path = tmp_path / "rules.jsonl"
    path.write_text(f"{json.dumps(rule(pattern='first'))}\n\n{line}\n{json.dumps(rule(pattern='last'))}", "utf-8")
    with pytest.raises(NonsenseRuleError, match=rf"{path}: line 3: .*{what}"):
        load_rules(path)


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "rules.jsonl"
    path.write_text('{"category": "odd", "pattern": "a\u2028b\u0085"}\n{broken\n', "utf-8")
    with pytest.raises(NonsenseRuleError, match="line 2: not JSON"):
        load_rules(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe{}"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "rules.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NonsenseRuleError, match=rf"{path}: cannot read"):
        load_rules(path)


# What a gate decides


def gate(tmp_path: Path, *rules: dict[str, Any], **fields: Any) -> QuestionGuard:
    known = story(
        title="alpha", action=("beta",), tags=("gamma",), scope="delta", person="hidden", extra={"x": "aside"}
    )
    return QuestionGuard(corpus(known, *fields.get("stories", ())), load_rules(write_rows(tmp_path / "r.jsonl", rules)))


def test_the_first_rule_that_matches_decides_whatever_the_case(tmp_path: Path) -> None:
    made = gate(tmp_path, rule("one", r"\bRAIN\b"), rule("two", "rain|snow"))
    assert made.before_search("will it Rain?").reason == "rule:one"
    assert made.before_search("trains and SNOW").reason == "rule:two"
    assert made.before_search("sun").passed


@pytest.mark.parametrize(
    ("question", "closest", "suppressed", "reason", "unknown"),
    [
        ("alpha beta", 0.9, False, "", ()),
        ("Alphas, betas", None, False, "", ()),
        ("alpha beta Zeta", 0.0, True, "", ("Zeta",)),  # more than half is known
        ("alpha Zeta", 0.2, False, "", ("Zeta",)),
        ("alpha Zeta", 0.19, False, "", ("Zeta",)),  # a heading of which half is known
        ("alpha zeta?", 0.2, False, "", ("zeta",)),
        ("alpha zeta?", 0.19, False, "unknown_topic", ("zeta",)),
        ("Does he know alpha Zeta?", 0.9, False, "unknown_topic", ("Zeta",)),  # a name of which a part is unknown
        ("gamma Zeta?", 0.1, False, "", ("Zeta",)),  # a tag tells by itself what is asked for
        ("alpha Zeta", None, False, "", ("Zeta",)),  # words are compared, and one is shared
        ("hidden aside", 0.9, False, "unknown_topic", ("hidden", "aside")),
        ("Did he work on alpha and beta at Zeta?", 0.9, False, "unknown_topic", ("Zeta",)),
        ("what about it?", 0.1, True, "low_confidence", ()),
        ("what about it?", 0.9, False, "", ()),
        ("How did you find it?", 0.1, True, "", ()),
    ],
)
def test_questions_of_unknown_words_are_declined(
    tmp_path: Path, question: str, closest: float | None, suppressed: bool, reason: str, unknown: tuple[str, ...]
) -> None:
    nearest = story(title="Alpha", client="Acme")
    decided = gate(tmp_path).after_search(question, nearest, closest, suppressed=suppressed)
    assert (decided.reason, decided.passed, decided.unknown) == (reason, not reason, unknown)
    assert bool(decided.answer) is bool(reason)
    assert bool(decided.suggestions) is False  # this corpus has neither capability nor industry


def test_the_nearest_story_is_named_only_as_the_nearest(tmp_path: Path) -> None:
    nearest = story(title="Alpha", client="Acme")
    close = gate(tmp_path).after_search("Zeta", nearest, 0.9, suppressed=False).answer
    assert close.startswith("No story mentions “Zeta”. The nearest story is “Alpha”, which is about something else")
    assert gate(tmp_path).after_search("Zeta", nearest, 0.1, suppressed=True).answer == "No story mentions “Zeta”."


def test_suggestions_name_the_most_frequent_capabilities(tmp_path: Path) -> None:
    told = [("Cloud", "Energy"), ("Cloud", "Banking"), ("Data", "Energy"), ("API", "Energy"), ("Audit", "")]
    stories = [story(f"s{n}", capability=name, industry=industry) for n, (name, industry) in enumerate(told)]
    narratives = [story(f"n{n}", capability="Talk", industry="Talk", theme=NARRATIVE_THEME) for n in range(9)]
    made = gate(tmp_path, rule(), stories=[*stories, *narratives])
    assert made.before_search("rain").suggestions == (
        "Which projects involved Cloud?",
        "Which projects involved API?",
        "Which projects involved Audit?",
        "Which results stand out in Energy?",
    )


def test_a_corpus_of_one_capability_suggests_what_it_can(tmp_path: Path) -> None:
    told = [story(f"s{n}", capability="Cloud", industry=name) for n, name in enumerate(("Energy", "Banking", "Retail"))]
    assert gate(tmp_path, rule(), stories=told).before_search("rain").suggestions == (
        "Which projects involved Cloud?",
        "Which results stand out in Banking?",
        "Which results stand out in Energy?",
        "Which results stand out in Retail?",
    )


@given(st.text(max_size=60))
def test_any_question_is_decided(question: str) -> None:
    made = QuestionGuard(corpus(story(title="alpha")), SHIPPED_RULES)
    assert made.before_search(question).reason.partition(":")[0] in ("", "rule", "personal", "profile")
    assert made.after_search(question, None, None, suppressed=False).reason in ("", "unknown_topic", "low_confidence")


SHIPPED_RULES = load_rules(SHIPPED)
SAMPLE = load_corpus(SAMPLE_FILE)


@pytest.mark.parametrize(
    "question",
    [
        "credit card portal",
        "SWIFT payments",
        "weather data platform for an energy client",
        "How did you win over a stock exchange?",
        "cold start latency",
        "booking engine for hotels",
        "sports retailer migration",
        "medical device recall reporting",
    ],
)
def test_honest_questions_pass_the_shipped_rules(question: str) -> None:
    assert QuestionGuard(SAMPLE, SHIPPED_RULES).before_search(question).passed


def test_the_shipped_rules_decline_no_title_and_no_suggestion() -> None:
    made = QuestionGuard(SAMPLE, SHIPPED_RULES)
    suggestions = made.before_search("tell me a joke").suggestions
    assert len(suggestions) == 4
    for question in (*suggestions, *(item.title for item in SAMPLE.stories)):
        assert made.before_search(question).passed, question
