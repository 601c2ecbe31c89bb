"""The question guard: declined questions, the reasons, and the suggestions."""

from typing import Any

import pytest

from contracts.search import SearchKind
from contracts.stories import FACET_FIELDS
from contracts.story import NARRATIVE_THEME, Story
from lambdas.search.nonsense_rules import NonsenseRule, NonsenseRules, RuleError
from lambdas.search.question_guard import suggested_questions
from tests.support.builders.search_corpora import SearchInMemory

STORIES = (
    Story(id="a", title="payments engine", capability="Cloud", industry="Banking"),
    Story(id="b", title="grid maps", capability="Data", industry="Energy"),
)


def told(capability: str, industry: str, **fields: Any) -> list[Story]:
    return [Story(id=f"{capability}/{industry}", capability=capability, industry=industry, **fields)]


@pytest.mark.parametrize("kind", SearchKind)
def test_a_rule_rejects_a_question_before_the_search(kind: SearchKind) -> None:
    search = SearchInMemory(STORIES)

    found = search.search(kind, "What is the WEATHER, payments engine?")

    assert (found.gate.passed, found.gate.reason, found.suppressed) == (False, "rule:weather", False)
    assert found.gate.suggestions == (
        "Which projects involved Cloud?",
        "Which projects involved Data?",
        "Which results stand out in Banking?",
        "Which results stand out in Energy?",
    )
    assert (found.hits, found.total, found.without_filters) == ((), 0, None)
    assert found.facets == dict.fromkeys(FACET_FIELDS, ())
    assert not search.embedder.embedded


def test_the_first_rule_that_matches_decides() -> None:
    rules = [NonsenseRule("first", "pay"), NonsenseRule("second", "payments")]
    found = SearchInMemory(STORIES, rules).search(SearchKind.KEYWORD, "payments")
    assert found.gate.reason == "rule:first"


@pytest.mark.parametrize("kind", SearchKind)
def test_what_a_story_suggests_skips_rules_and_topics_but_is_not_personal(kind: SearchKind) -> None:
    own = "What WEATHER did zzz qqq see?"
    search = SearchInMemory([*STORIES, Story(id="c", interview_questions=(own, "What is his salary?"))])
    assert search.search(kind, own, from_suggestion=True).gate.passed
    assert not search.search(kind, own).gate.passed
    for query in ("weather", "aaa bbb", "what is his salary?", "where is he based?"):
        assert search.search(kind, query, from_suggestion=True).gate == search.search(kind, query).gate


@pytest.mark.parametrize(("query", "reason"), [("the WEATHER here", "rule:weather"), ("zzz qqq", "unknown_topic")])
def test_the_log_of_a_declined_question_holds_only_its_reason(
    query: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    search = SearchInMemory(STORIES)
    with caplog.at_level("INFO"):
        search.search(SearchKind.HYBRID, query)
        search.search(SearchKind.HYBRID, "payments engine")
    declined = [record for record in caplog.records if record.getMessage() == "question declined"]
    assert [vars(record)["reason"] for record in declined] == [reason]
    assert query not in str([vars(record) for record in declined])


def test_unknown_words_are_an_unknown_topic_and_a_query_without_words_has_low_confidence() -> None:
    search = SearchInMemory(STORIES)
    found = search.search(SearchKind.KEYWORD, "zzz qqq")
    assert (found.gate.reason, found.gate.unknown) == ("unknown_topic", ("zzz", "qqq"))
    assert found.gate.answer == "No story mentions “zzz” or “qqq”."
    assert search.search(SearchKind.KEYWORD, "?!").gate.reason == "low_confidence"


def test_the_nearest_story_is_named_and_is_no_hit() -> None:
    found = SearchInMemory(STORIES).search(SearchKind.HYBRID, "payments engine at Qqq")
    assert (found.gate.reason, found.hits) == ("unknown_topic", ())
    assert "The nearest story is “payments engine”, which is about something else." in found.gate.answer


def test_a_question_with_few_unknown_words_is_answered_and_they_are_named() -> None:
    found = SearchInMemory(STORIES).search(SearchKind.HYBRID, "payments engine zzz")
    assert (found.gate.passed, found.gate.unknown, bool(found.hits)) == (True, ("zzz",), True)


def test_known_words_without_a_hit_are_an_empty_answer() -> None:
    stories = [Story(id="a", situation=("harbor cranes",))]
    found = SearchInMemory(stories).search(SearchKind.KEYWORD, "cranes")
    assert (found.gate.passed, found.total, found.without_filters) == (True, 0, None)


def test_a_query_without_content_words_or_close_stories_has_low_confidence() -> None:
    search = SearchInMemory([Story(id="a")])
    found = search.search(SearchKind.HYBRID, "what about it?")
    assert (found.gate.reason, found.suppressed, found.hits) == ("low_confidence", True, ())


def test_suggestions_are_sorted_by_frequency_then_name_without_narratives() -> None:
    stories = [
        *told("B", "Y"),
        *told("B", "Z"),
        *told("C", "Z"),
        *told("A", ""),
        *told("D", ""),
        *told("N", "N", theme=NARRATIVE_THEME),
        *told("", "X"),
    ]
    assert suggested_questions(stories) == (
        "Which projects involved B?",
        "Which projects involved A?",
        "Which projects involved C?",
        "Which results stand out in Z?",
    )
    assert suggested_questions(told("", "")) == ()


def test_a_broken_rule_is_named() -> None:
    with pytest.raises(RuleError, match=r"'\(' of category 'spam'"):
        NonsenseRules([("spam", "(")])
