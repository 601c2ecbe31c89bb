"""Filter values in any case and white space, on both sides: one value a client, whose link finds all its stories."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import Corpus, load_corpus
from backend_clients.stories.legacy import LegacyStories
from contracts.stories import FACET_FIELDS, RelatedRequest, StoryList, StoryListRequest
from contracts.story import NARRATIVE_THEME
from tests.support.builders.spellings import spellings
from tests.support.builders.stories import SAMPLE_FILE, corpus, story
from tests.support.sides.lambda_rules import StoriesSide

TESSALY = (
    story("a", client="Tessaly Trust", industry="Retail\u00a0Banking", tags=("Event Streaming",)),
    story("b", client="TESSALY\u2003TRUST", industry="retail banking", tags=("event  streaming",)),
    story("c", client="Tessaly\u200b Trust", industry="RETAIL BANKING", theme="professional  NARRATIVE"),
    story("d", client="Harbour Rail", industry="Rail", tags=("Kafka",)),
    story("e", client="\u200d", industry=" "),
)
SPELLED = ["Tessaly Trust", "tessaly  trust", "TESSALY TRUST", " tessaly\u00a0trust", "Tes\u00adsaly\u3000Trust"]


def both(of: Corpus) -> tuple[LegacyStories, StoriesSide]:
    return LegacyStories(of, "test"), StoriesSide(of)


@cache
def sample() -> tuple[LegacyStories, StoriesSide]:
    return both(load_corpus(SAMPLE_FILE))


@cache
def sample_facets() -> dict[str, list[str]]:
    found = sample()[1].list_stories(StoryListRequest(limit=1, include_narratives=True)).facets
    return {field: [facet.value for facet in found[field]] for field in FACET_FIELDS}


def listed(side: Any, **fields: Any) -> StoryList:
    answer: StoryList = side.list_stories(StoryListRequest(limit=100, **fields))
    return answer


@pytest.mark.parametrize("client", SPELLED)
def test_a_client_in_any_spelling_has_all_its_stories_under_its_first_spelling(client: str) -> None:
    for side in both(corpus(*TESSALY)):
        found = listed(side, clients=(client,), include_narratives=True)
        assert sorted(card.id for card in found.cards) == ["a", "b", "c"]
        assert [(facet.value, facet.count) for facet in found.facets["industries"]] == [("Retail\u00a0Banking", 3)]
        assert [(facet.value, facet.count) for facet in found.facets["clients"]] == [
            ("Tessaly Trust", 3),
            ("Harbour Rail", 1),
        ]


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u200b", "\u200d "])
@pytest.mark.parametrize("field", FACET_FIELDS)
def test_a_value_of_nothing_that_shows_is_no_story_s(field: str, blank: str) -> None:
    for side in both(corpus(*TESSALY)):
        assert listed(side, **{field: (blank,)}, include_narratives=True).total == 0


@pytest.mark.parametrize("theme", [NARRATIVE_THEME, NARRATIVE_THEME.upper(), "Professional\u00a0narrative"])
def test_narratives_are_listed_when_their_theme_is_asked_for_in_any_spelling(theme: str) -> None:
    for side in both(corpus(*TESSALY)):
        assert [card.id for card in listed(side, themes=(theme,)).cards] == ["c"]


def test_stories_are_related_by_values_in_any_spelling() -> None:
    for side in both(corpus(*TESSALY)):
        found = side.related_stories(RelatedRequest(id="a")).related
        assert [(item.card.id, item.score, item.why) for item in found] == [
            ("b", 4, ("client", "tag:Event Streaming")),
            ("c", 3, ("client",)),
        ]
        assert not side.related_stories(RelatedRequest(id="e")).related


@given(data=st.data())
def test_the_sample_is_listed_alike_by_any_spelling_on_both_sides(data: st.DataObject) -> None:
    facets = sample_facets()
    fields = data.draw(st.lists(st.sampled_from([name for name in FACET_FIELDS if facets[name]]), max_size=2))
    plain = {name: data.draw(st.sampled_from(facets[name])) for name in fields}
    asked = {name: (data.draw(spellings(value)),) for name, value in plain.items()}
    legacy, ours = sample()
    found = listed(legacy, **asked)
    assert found == listed(ours, **asked)
    assert found == listed(legacy, **{name: (value,) for name, value in plain.items()})
