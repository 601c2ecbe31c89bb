"""Kinds of questions, what they list, and the aspect that a generic one asks for."""

import pytest

from contracts.rules.questions.aspects import Aspect, aspect_of, emphasis, standing_aspect
from contracts.rules.questions.kinds import QuestionKind, classify, listed_facet, parts_of, says_what_is_listed

KINDS = {
    QuestionKind.YES_NO: (
        "Has he used AWS?",
        "Do you know Rust?",
        "Did he work at Google?",
        "Any experience in retail?",
    ),
    QuestionKind.COUNT: (
        "How many clients has he worked with?",
        "how many banks?",
        "And how many projects used Kafka?",
    ),
    QuestionKind.DURATION: ("How long was he at Acme?", "How many years of experience does he have?"),
    QuestionKind.WHICH: (
        "Which clients in banking?",
        "What technologies does he know?",
        "for which clients?",
        "List his roles",
    ),
    QuestionKind.COMPARE: ("Compare Acme and Bolt", "What is the difference between Acme and Bolt?", "Acme vs. Bolt"),
    QuestionKind.SUMMARISE: (
        "Summarise his career",
        "Tell me about yourself",
        "Walk me through your career",
        "Who is he?",
    ),
    QuestionKind.EXPERIENCE: ("Tell me about a time you failed", "Could you describe a situation where you disagreed?"),
    QuestionKind.WHAT_HOW: (
        "How did you modernise payments?",
        "Tell me about payments",
        "How long did the move take?",
        "",
    ),
}


@pytest.mark.parametrize(("kind", "question"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_the_way_a_question_is_put_decides_its_kind(kind: QuestionKind, question: str) -> None:
    assert classify(question) is kind


@pytest.mark.parametrize(
    ("question", "facet"),
    [
        ("Which clients in banking?", "clients"),
        ("Which industries and clients?", "industries"),
        ("What is his tech stack?", "technologies"),
        ("Which programming languages?", "languages"),
        ("What is she best at?", "capabilities"),
        ("Which employers?", "employers"),
        ("Which countries?", "places"),
        ("What roles has he held at the client?", "roles"),
        ("Which projects at banks?", ""),
        ("How so?", ""),
    ],
)
def test_what_is_listed(question: str, facet: str) -> None:
    assert listed_facet(question) == facet


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("What was the result?", Aspect.RESULT),
        ("What would you do differently?", Aspect.LESSON),
        ("How big was the team?", Aspect.TEAM),
        ("Why?", Aspect.WHY),
        ("go on", Aspect.MORE),
        ("hm", Aspect.NONE),
    ],
)
def test_the_aspect_of_a_generic_question(question: str, aspect: Aspect) -> None:
    assert aspect_of(question) is aspect


def test_a_question_that_stands_by_itself_may_ask_for_an_aspect_too() -> None:
    assert standing_aspect("How long did the COBOL migration take?") is Aspect.DURATION
    assert standing_aspect("How long has he worked with COBOL?") is Aspect.NONE


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What was his role at Acme?", QuestionKind.WHICH),
        ("What is he best at?", QuestionKind.WHICH),
        ("which of them were about payments?", QuestionKind.WHICH),
        ("When did he work for Acme?", QuestionKind.DURATION),
        ("When did you disagree with a boss?", QuestionKind.EXPERIENCE),
        ("Why should we hire her?", QuestionKind.SUMMARISE),
        ("How many people did she train?", QuestionKind.WHAT_HOW),
        ("How many oncology trials did she run?", QuestionKind.COUNT),
        ("Which clients used Kafka and how long did he work with them?", QuestionKind.WHICH),
        ("Has he ever managed a budget?", QuestionKind.YES_NO),
    ],
)
def test_more_ways_to_put_a_question(question: str, kind: QuestionKind) -> None:
    assert classify(question) is kind


def test_a_question_in_two_parts() -> None:
    assert parts_of("What did he do at Acme and what were the results?") == (
        "What did he do at Acme",
        "what were the results?",
    )
    assert parts_of("Search and rescue") == ("Search and rescue", "")


def test_a_follow_up_may_leave_open_what_is_listed() -> None:
    assert says_what_is_listed("and which projects?")
    assert not says_what_is_listed("and in retail?")


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("How did he cut costs?", Aspect.HOW),
        ("Why did it fail?", Aspect.WHY),
        ("What did she achieve at Acme?", Aspect.RESULT),
        ("Tell me about payments", Aspect.NONE),
    ],
)
def test_the_part_of_a_story_that_answers_best(question: str, aspect: Aspect) -> None:
    assert emphasis(question) is aspect
