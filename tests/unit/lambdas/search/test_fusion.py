"""The fused ranking: words and meaning together, and stories of a named client first."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from contracts.profile import ProfileFacts
from contracts.search import SearchKind
from contracts.story import Story
from lambdas.search.ranking.bm25 import full_text_arrays, stems
from tests.support.builders.search_corpora import SearchInMemory
from tests.support.builders.story_corpora import corpora
from tests.unit.lambdas.search.test_rules import queries


def story(name: str, **fields: Any) -> Story:
    return Story(id=name, **fields)


@pytest.mark.parametrize("query", ["Greyfell billing rescue", "billing rescue greyfell water", "GreyfellWater billing"])
def test_stories_of_a_named_client_come_first(query: str) -> None:
    near = [story(f"near{number}", title="billing rescue", client="Halvern Bank") for number in range(3)]
    named = [story(f"named{number}", title="dams", client="Greyfell Water & Power") for number in range(3)]

    found = SearchInMemory([*near, *named]).search(SearchKind.HYBRID, query)

    assert {hit.card.id for hit in found.hits[:3]} == {"named0", "named1", "named2"}
    assert all(0 <= hit.score <= 1 for hit in found.hits)


def test_a_named_client_ranks_above_a_named_division() -> None:
    stories = [
        story("both", client="Halvern Bank", division="Treasury Services"),
        story("client", client="Halvern Bank", division="Cards"),
        story("division", client="Ostrand Energy", division="Treasury Services"),
        story("neither", client="Ostrand Energy", title="Halvern treasury services"),
    ]
    ids = SearchInMemory(stories).ids(SearchKind.HYBRID, "halvern treasury services")
    assert ids == ["both", "client", "division", "neither"]


def test_a_named_story_is_found_whatever_its_cosine() -> None:
    near = [story(f"near{number:03d}", title="payments") for number in range(300)]
    search = SearchInMemory([*near, story("far", client="Greyfell")])

    assert search.ids(SearchKind.HYBRID, "payments greyfell")[0] == "far"


def test_words_match_by_stem_and_stop_words_do_not_count() -> None:
    assert stems("The Migrations, of C++ and 24x7 platforming") == ["migrat", "c++", "24x7", "platform"]
    stories = [story("a", action=("Migrated the ledger.",)), story("b", action=("What about the wind?",))]
    found = SearchInMemory(stories).search(SearchKind.HYBRID, "what about migrating")
    assert {hit.card.id: hit.keyword for hit in found.hits}["a"] == 1
    assert {hit.card.id: hit.keyword for hit in found.hits}.get("b", 0) == 0


@pytest.mark.parametrize(
    "asked",
    [
        "Tell me about a time you shipped it",
        "Give an example of how you shipped it",
        "Describe how Matt shipped",
        "Walk me through it: shipped?",
    ],
)
def test_asking_words_and_the_owner_carry_no_weight(asked: str) -> None:
    stories = [
        story("a", situation=("Shipped.",), person="Matt"),
        *(story(f"x{number}", situation=("Tell Matt: give time, describe, walk, example.",)) for number in range(3)),
    ]
    search = SearchInMemory(stories, facts=ProfileFacts(name="Matt Doe"))
    for hit in search.search(SearchKind.HYBRID, asked).hits:
        assert hit.keyword == (hit.card.id == "a")
    assert max(hit.keyword or 0 for hit in search.search(SearchKind.HYBRID, "matt").hits) == 1


def test_a_story_that_shares_a_word_is_found_whatever_its_cosine() -> None:
    stories = [story(f"near{number:03d}", title="payments") for number in range(150)]
    search = SearchInMemory([*stories, story("far", situation=("kubernetes",))])
    found = search.search(SearchKind.HYBRID, "payments kubernetes", limit=100)
    assert "far" in [hit.card.id for hit in found.hits]
    assert not found.suppressed


def test_stories_of_two_names_alternate_after_those_of_both() -> None:
    stories = [
        *(story(f"a{number}", client="Greyfell Water") for number in range(3)),
        *(story(f"b{number}", client="Halvern Bank") for number in range(2)),
        story("c", client="Greyfell Water", employer="Halvern Bank"),
        story("d", title="others"),
    ]
    ids = SearchInMemory(stories).ids(SearchKind.HYBRID, "halvern or greyfell")
    assert ids[:6] == ["c", "b0", "a0", "b1", "a1", "a2"]


def test_all_stories_of_a_name_or_an_alias_are_found() -> None:
    stories = [story(f"s{number:03d}", client="American Express") for number in range(250)]
    search = SearchInMemory(
        [*stories, story("x", title="payments")], facts=ProfileFacts(aliases={"Amex": "American Express"})
    )
    for kind in SearchKind:
        for query in ("payments at amex", "American Express payments"):
            found = search.search(kind, query, limit=100)
            assert found.total == 251
            assert all(hit.card.client for hit in found.hits)


def test_without_an_embedding_keyword_search_answers_as_degraded() -> None:
    search = SearchInMemory([story("a", title="payments"), story("b", client="Greyfell")])
    search.embedder.name = "another"
    for kind in SearchKind:
        found = search.search(kind, "payments greyfell")
        assert [hit.card.id for hit in found.hits] == ["b", "a"]
        assert found.degraded == (None if kind is SearchKind.KEYWORD else "keyword")


def test_stems_ignore_accents_and_case_in_any_script() -> None:
    assert stems("Société café STRASSE") == stems("SOCIETE cafe straße")
    assert stems("支付 naïve") == ["支付", "naiv"]


def test_the_best_three_are_shown_as_suppressed_if_none_is_close() -> None:
    stories = [story(f"s{number}", situation=("unmet words",)) for number in range(5)]
    fused = SearchInMemory(stories).search(SearchKind.HYBRID, "goal")
    assert (fused.suppressed, fused.total) == (True, 3)


@given(corpus=corpora, query=queries)
def test_scores_are_in_order_and_in_range(corpus: list[Story], query: str) -> None:
    hits = SearchInMemory(corpus).search(SearchKind.HYBRID, query, from_suggestion=True).hits
    assert [(-hit.score, hit.card.id) for hit in hits] == sorted((-hit.score, hit.card.id) for hit in hits)
    assert all(0 <= part <= 1 for hit in hits for part in (hit.score, hit.keyword))


def test_postings_are_sorted_by_row() -> None:
    texts = ("ledger", "cloud ledger", "cloud", "ledger ledger grid", "grid")
    arrays = full_text_arrays([story(f"s{number}", situation=(text,)) for number, text in enumerate(texts)])
    starts, rows = arrays["bm25.indptr"], arrays["bm25.indices"]
    assert all((np.diff(rows[first:last]) > 0).all() for first, last in pairwise(starts.tolist()))
    assert len(rows) >= 7
