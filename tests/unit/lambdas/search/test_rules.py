"""The rules of search, compared with a simple oracle."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.search import SearchFilters, SearchKind
from contracts.stories import FACET_FIELDS
from contracts.story import NARRATIVE_THEME, Story
from tests.support.builders.search_corpora import SearchInMemory
from tests.support.builders.story_corpora import TAGS, THEMES, VALUES, WORDS, corpora
from tests.support.oracles.search import Oracle, passes

KINDS = list(SearchKind)
queries = st.one_of(
    st.lists(st.sampled_from([*WORDS, "cut", "40%", "zzz", "x"]), min_size=1, max_size=5).map(" ".join),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
).filter(str.strip)


@st.composite
def search_filters(draw: st.DrawFn) -> SearchFilters:
    choices = dict.fromkeys(FACET_FIELDS, VALUES) | {"themes": THEMES, "tags": (*TAGS, "nope")}
    fields: dict[str, Any] = {
        field: draw(st.lists(st.sampled_from([value for value in choices[field] if value]), max_size=2))
        for field in draw(st.lists(st.sampled_from(FACET_FIELDS), max_size=2, unique=True))
    }
    return SearchFilters(
        has_metric=draw(st.sampled_from([None, None, True, False])),
        include_narratives=draw(st.booleans()),
        q=draw(st.sampled_from(["", "", "payments", "the c++", "zzz", "a"])),
        **fields,
    )


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(corpus=corpora, query=queries, filters=search_filters(), page=st.tuples(st.integers(1, 9), st.integers(0, 3)))
def test_an_answer_follows_the_rules(
    kind: SearchKind, corpus: list[Story], query: str, filters: SearchFilters, page: tuple[int, int]
) -> None:
    limit, offset = page
    oracle = Oracle(corpus)
    kept, suppressed = oracle.kept(kind, query)
    passing = [(score, story) for score, story in kept if passes(story, filters)]

    found = SearchInMemory(corpus).search(kind, query, filters=filters, limit=limit, offset=offset)
    if not found.gate.passed:
        assert (found.hits, found.total) == ((), 0)
        return

    expected = passing[offset : offset + limit]
    assert [hit.card.id for hit in found.hits] == [story.id for _, story in expected]
    assert [hit.score for hit in found.hits] == pytest.approx([score for score, _ in expected], abs=1e-6)
    assert (found.total, found.suppressed) == (len(passing), suppressed)
    assert found.without_filters == (len(kept) if kept and not passing else None)
    stories = [story for _, story in kept]
    for field in FACET_FIELDS:
        counted = [(entry.value, entry.count) for entry in found.facets[field]]
        assert counted == oracle.facet(stories, filters, field)


def story(number: int, **fields: Any) -> Story:
    return Story(id=f"s{number:03d}|acme", **fields)


def test_a_score_has_the_parts_of_its_kind_of_search() -> None:
    search = SearchInMemory([story(1, title="payments engine", situation=("payments",)), story(2, title="other")])

    semantic = search.search(SearchKind.SEMANTIC, "payments engine").hits[0]
    keyword = search.search(SearchKind.KEYWORD, "payments cloud").hits[0]
    hybrid = search.search(SearchKind.HYBRID, "payments cloud").hits[0]

    assert (semantic.semantic, semantic.keyword) == (semantic.score, None)
    assert (keyword.score, keyword.semantic, keyword.keyword) == (0.5, None, 0.5)
    assert hybrid.semantic is not None
    assert hybrid.keyword == pytest.approx(math.log(2) / (math.log(2) + math.log(6)), abs=1e-9)  # one of two words
    assert not any(hit.named for hit in (semantic, keyword, hybrid))
    assert hybrid.score == pytest.approx(1)


def test_search_ends_within_a_long_summary_and_cut_words_are_unknown() -> None:
    search = SearchInMemory([story(1, curated_summary="x " * 198 + "transformation", title="other")])

    assert search.search(SearchKind.KEYWORD, "tran", from_suggestion=True).gate.reason == "unknown_topic"
    assert search.ids(SearchKind.KEYWORD, "transformation") == []
    assert search.search(SearchKind.KEYWORD, "transformation").gate.passed
    assert search.search(SearchKind.KEYWORD, "transfor").gate.reason == "unknown_topic"


def test_a_semantic_search_has_at_most_100_candidates() -> None:
    search = SearchInMemory([story(number, title="payments") for number in range(130)])

    found = search.search(SearchKind.SEMANTIC, "payments", limit=100)

    assert found.total == 100
    assert [hit.card.id for hit in found.hits] == [f"s{number:03d}|acme" for number in range(100)]
    assert search.search(SearchKind.KEYWORD, "payments").total == 130


def test_filters_apply_after_the_candidates() -> None:
    stories = [story(number, title="payments") for number in range(100)]
    search = SearchInMemory([*stories, story(999, title="payments", era="late")])

    found = search.search(SearchKind.HYBRID, "payments", filters=SearchFilters(eras=("late",)))

    assert (found.total, found.without_filters) == (0, 100)


def test_narratives_are_found_unless_excluded() -> None:
    search = SearchInMemory([story(1, title="payments", theme=NARRATIVE_THEME), story(2, title="payments")])

    assert len(search.ids(SearchKind.KEYWORD, "payments")) == 2
    refused = SearchFilters(include_narratives=False)
    assert search.ids(SearchKind.KEYWORD, "payments", filters=refused) == ["s002|acme"]
    named = SearchFilters(include_narratives=False, themes=(NARRATIVE_THEME,))
    assert search.ids(SearchKind.KEYWORD, "payments", filters=named) == ["s001|acme"]


def test_a_corpus_without_words_finds_nothing() -> None:
    search = SearchInMemory([story(1)])

    assert search.search(SearchKind.KEYWORD, "payments").gate.reason == "unknown_topic"
    assert search.search(SearchKind.HYBRID, "teamwork").suppressed
