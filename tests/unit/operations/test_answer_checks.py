"""What an answer is checked for, and that each check can fail."""

from typing import Any

import pytest

from contracts.ask import Answer, AnswerMode, Modes, Source
from contracts.search import GuardDecision
from operations.evaluation.answer_checks import AnswerReport, CheckedAnswer, problems_of
from operations.evaluation.answer_questions import AnswerQuestion, QuestionKind
from tests.support.builders.stories import story

STORIES = {"a": story("a", client="Acme"), "b": story("b", client="Bolt"), "c": story("c", client="Acme")}


def answer(*cited: str, reason: str = "") -> Answer:
    sources = [
        Source(number=number, id=story_id, title="", client=STORIES[story_id].client, match=50)
        for number, story_id in enumerate(cited, start=1)
    ]
    return Answer(
        turn_id="evaluated-1",
        answer="",
        mode=AnswerMode.NARRATIVE,
        modes=Modes(),
        sources=tuple(sources),
        gate=GuardDecision(passed=not reason, reason=reason),
        corpus_version="c",
        code_version="c",
    )


def problems(found: Answer, text: str = "", **checks: Any) -> list[str]:
    return list(problems_of(AnswerQuestion(kind=QuestionKind.CLIENT, ask="What?", **checks), found, text, STORIES))


@pytest.mark.parametrize(
    ("checks", "good", "bad", "said"),
    [
        ({"no_sources": True}, answer(), answer("a"), "cites a"),
        ({"sources": ("a", "b")}, answer("c", "b"), answer("c"), "cites none of a, b but c"),
        ({"sources": ("a",)}, answer("a"), answer(), "cites none of a but nothing"),
        ({"clients": ("Acme",)}, answer("a", "c"), answer("a", "b"), "cites Bolt too"),
        ({"clients": ("Acme", "Bolt")}, answer("a", "b"), answer("a"), "cites nothing of Bolt"),
        ({"reason": "personal"}, answer(reason="personal:age"), answer(), "the guard's reason is '', not 'personal'"),
        ({"reason": ""}, answer("a"), answer(reason="rule:x"), "the guard's reason is 'rule:x', not ''"),
    ],
)
def test_what_is_cited_and_why_nothing_is(checks: dict[str, Any], good: Answer, bad: Answer, said: str) -> None:
    assert problems(good, **checks) == []
    assert problems(bad, **checks) == [said]


def test_what_is_said() -> None:
    checks = {"must_say": ("^yes", "4 [a-z]"), "must_not_say": ("never",)}
    assert problems(answer(), "Yes: 4 stories", **checks) == []
    assert problems(answer(), "No, never 44", **checks) == [
        "does not say '^yes'",
        "does not say '4 [a-z]'",
        "says 'never'",
    ]


def test_a_report_counts_by_kind_and_rates_refusals() -> None:
    good = AnswerQuestion(kind=QuestionKind.COUNT, ask="How many?", no_sources=True)
    checked = (CheckedAnswer(good, "", (), ()), CheckedAnswer(good, "", ("a",), ("cites a",)))
    report = AnswerReport(checked, 8, ("Why?",), ("How?",), ())
    assert report.passed() == {QuestionKind.COUNT: (1, 2)}
    assert report.false_refusal_rate == 0.125
    assert report.as_json()["failures"] == [{"kind": "count", "ask": "How many?", "problems": ["cites a"]}]
    assert AnswerReport((), 0, (), (), ()).false_refusal_rate == 0
