"""The fused ranking: words and meaning together, and stories of a named client first."""

from typing import Any

import pytest
from hypothesis import given

from contracts.search import SearchKind
from contracts.story import Story
from lambdas.search.ranking.bm25 import stems
from tests.support.builders.search_corpora import SearchInMemory
from tests.support.builders.story_corpora import corpora
from tests.unit.lambdas.search.test_rules import queries


def story(name: str, **fields: Any) -> Story:
    return Story(id=name, **fields)


@pytest.mark.parametrize("query", ["Greyfell billing rescue", "billing rescue greyfell water", "GreyfellWater billing"])
def test_stories_of_a_named_client_come_first(query: str) -> None:
    near = [story(f"near{number}", title="billing rescue", client="Halvern Bank") for number in range(3)]
    named = [story(f"named{number}", title="dams", client="Greyfell Water & Power") for number in range(3)]

    found = SearchInMemory([*near, *named]).search(SearchKind.HYBRID, query, ranker="fused")

    assert {hit.card.id for hit in found.hits[:3]} == {"named0", "named1", "named2"}
    assert all(0 <= hit.score <= 1 for hit in found.hits)


def test_client_before_division_and_both_first() -> None:
    stories = [
        story("both", client="Halvern Bank", division="Treasury Services"),
        story("client", client="Halvern Bank", division="Cards"),
        story("division", client="Ostrand Energy", division="Treasury Services"),
        story("neither", client="Ostrand Energy", title="Halvern treasury services"),
    ]
    ids = SearchInMemory(stories).ids(SearchKind.HYBRID, "halvern treasury services", ranker="fused")
    assert ids == ["both", "client", "division", "neither"]


def test_a_named_story_is_found_however_far_it_is() -> None:
    near = [story(f"near{number:03d}", title="payments") for number in range(300)]
    search = SearchInMemory([*near, story("far", client="Greyfell")])

    assert search.ids(SearchKind.HYBRID, "payments greyfell", ranker="fused")[0] == "far"
    assert "far" not in search.ids(SearchKind.HYBRID, "payments greyfell", limit=100)


def test_words_count_in_any_form_and_stop_words_do_not() -> None:
    assert stems("The Migrations, of C++ and 24x7 platforming") == ["migrat", "c++", "24x7", "platform"]
    stories = [story("a", action=("Migrated the ledger.",)), story("b", action=("What about the wind?",))]
    found = SearchInMemory(stories).search(SearchKind.HYBRID, "what about migrating", ranker="fused")
    assert {hit.card.id: hit.keyword for hit in found.hits}["a"] == 1
    assert {hit.card.id: hit.keyword for hit in found.hits}.get("b", 0) == 0


@pytest.mark.parametrize(
    "asked",
    [
        "Tell me about a time you shipped it",
        "Give an example of how you shipped it",
        "Describe how it shipped",
        "Walk me through it: shipped?",
    ],
)
def test_words_that_one_asks_with_do_not_count(asked: str) -> None:
    assert stems(asked) == stems("shipped")


def test_accents_and_case_do_not_count_in_any_script() -> None:
    assert stems("Société café STRASSE") == stems("SOCIETE cafe straße")
    assert stems("支付 naïve") == ["支付", "naiv"]


def test_suppression_is_the_classic_one() -> None:
    stories = [story(f"s{number}", situation=("unmet words",)) for number in range(5)]
    fused = SearchInMemory(stories).search(SearchKind.HYBRID, "?!?", ranker="fused", from_suggestion=True)
    assert (fused.suppressed, fused.total) == (True, 3)


@given(corpus=corpora, query=queries)
def test_scores_are_in_order_and_in_range(corpus: list[Story], query: str) -> None:
    hits = SearchInMemory(corpus).search(SearchKind.HYBRID, query, ranker="fused", from_suggestion=True).hits
    assert [(-hit.score, hit.card.id) for hit in hits] == sorted((-hit.score, hit.card.id) for hit in hits)
    assert all(0 <= part <= 1 for hit in hits for part in (hit.score, hit.keyword))
