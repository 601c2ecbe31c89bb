"""Lists: vectorised filters, facets and orders, compared with plain Python."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import Corpus
from backend_clients.corpus.listing import listing_of
from contracts.profile import ProfileFacts
from contracts.rules.folding import fold_key
from contracts.rules.metrics import story_metrics
from contracts.rules.questions.generic_words import stem, stems, words
from contracts.rules.tokens import tokens
from contracts.stories import MAX_FACET_VALUES, Sort, StoryList, StoryListRequest
from contracts.story import NARRATIVE_THEME, Story
from lambdas.common.index.snapshot import unpack_snapshot
from lambdas.stories.catalog import Catalog
from lambdas.stories.ingest.preparation import prepare
from lambdas.stories.response import list_json
from tests.support.builders.story_corpora import MONTHS, TAGS, THEMES, VALUES, WORDS, corpora, service_of

FIELDS: dict[str, Callable[[Story], str]] = {
    "industries": lambda story: story.industry,
    "capabilities": lambda story: story.capability,
    "eras": lambda story: story.era,
    "clients": lambda story: story.client,
    "employers": lambda story: story.employer,
    "roles": lambda story: story.role,
    "domains": lambda story: story.domain,
    "themes": lambda story: story.theme,
}
some_values = st.lists(
    st.sampled_from([*filter(None, VALUES), "ACME", "a  \u200bQUOTED\u3000name", "nobody"]), max_size=2
).map(tuple)
requests = st.builds(
    StoryListRequest,
    industries=some_values,
    clients=some_values,
    roles=some_values,
    domains=some_values,
    themes=st.lists(st.sampled_from([*filter(None, THEMES)]), max_size=2).map(tuple),
    tags=st.lists(st.sampled_from([*TAGS, "ClOuD", "nothing"]), max_size=2).map(tuple),
    has_metric=st.sampled_from([None, None, True, False]),
    include_narratives=st.booleans(),
    q=st.lists(st.sampled_from([*WORDS, "PAYMENTS", "zz"]), max_size=2).map(" ".join),
    mentions=st.lists(st.sampled_from([*WORDS, "PAYMENT", "zz cloudy", "zz", "?"]), max_size=2).map(tuple),
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 5),
    offset=st.integers(0, 5),
)


def values(field: str, story: Story) -> tuple[str, ...]:
    return story.tags if field == "tags" else (FIELDS[field](story),)


def keys(field: str, story: Story) -> set[str]:
    return {key for value in values(field, story) if (key := fold_key(value))}


class Oracle:
    """The rules, one story at a time."""

    def __init__(self, corpus: Sequence[Story], request: StoryListRequest) -> None:
        self.corpus = sorted(corpus, key=lambda story: story.id)
        self.request = request

    def field_fits(self, field: str, story: Story) -> bool:
        wanted = getattr(self.request, field)
        if not wanted:
            return True
        return bool(keys(field, story) & {fold_key(value) for value in wanted})

    def fits(self, story: Story, but: str = "") -> bool:
        request = self.request
        if not set(tokens(request.q)) <= {token for text in story.texts() for token in tokens(text)}:
            return False
        held = {stem(word) for text in story.texts() for token in tokens(text) for word in words(token)}
        if any(held.isdisjoint(stems(value)) for value in request.mentions):
            return False
        if request.has_metric is not None and request.has_metric != bool(story_metrics(story)):
            return False
        if (
            story.is_narrative
            and not request.include_narratives
            and (but == "themes" or NARRATIVE_THEME not in request.themes)
        ):
            return False
        return all(self.field_fits(field, story) for field in (*FIELDS, "tags") if field != but)

    def matches(self) -> list[Story]:
        return [story for story in self.corpus if self.fits(story)]

    def facet(self, field: str) -> list[tuple[str, int]]:
        found = [story for story in self.corpus if self.fits(story, but=field)]
        label: dict[str, str] = {}
        for story in self.corpus:
            for value in values(field, story):
                label.setdefault(fold_key(value), value)
        counts = Counter(label[key] for story in found for key in keys(field, story))
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def page(self) -> list[str]:
        request = self.request
        name = request.sort.value.removeprefix("-")
        found = self.matches()
        if name == "start_date":
            dated = [story for story in found if story.start_date]
            undated = [story for story in found if not story.start_date]
            ordered = sorted(dated, key=lambda s: s.start_date, reverse=request.sort is Sort.NEWEST) + undated
        else:
            ordered = sorted(
                found,
                key=lambda s: (getattr(s, name).casefold(), getattr(s, name)),
                reverse=request.sort.value.startswith("-"),
            )
        return [story.id for story in ordered][request.offset : request.offset + request.limit]


def answer(corpus: Sequence[Story], request: StoryListRequest) -> StoryList:
    return StoryList.model_validate_json(service_of(corpus).list_stories(request))


@given(corpora, requests)
def test_a_list_follows_the_rules(corpus: list[Story], request: StoryListRequest) -> None:
    oracle = Oracle(corpus, request)
    found = answer(corpus, request)
    matches = oracle.matches()
    assert found.total == len(matches)
    assert [card.id for card in found.cards] == oracle.page()
    assert {name: [(f.value, f.count) for f in facet] for name, facet in found.facets.items()} == {
        field: oracle.facet(field) for field in (*FIELDS, "tags")
    }
    assert found.first_start == min((story.start_date for story in matches if story.start_date), default="")
    assert found.last_end == max((story.end_date or story.start_date for story in matches), default="")


def test_descending_order_keeps_ties_in_id_order() -> None:
    corpus = [Story(id=key, title=title) for key, title in (("b", "Same"), ("a", "Same"), ("c", "same"))]
    titles = {sort: [c.id for c in answer(corpus, StoryListRequest(sort=sort)).cards] for sort in Sort}
    assert titles[Sort.TITLE] == ["a", "b", "c"]
    assert titles[Sort.TITLE_DESC] == ["c", "a", "b"]


def test_undated_stories_come_last_both_ways() -> None:
    corpus = [Story(id="a"), Story(id="b", start_date=MONTHS[1]), Story(id="c", start_date=MONTHS[2])]
    assert [c.id for c in answer(corpus, StoryListRequest(sort=Sort.OLDEST)).cards] == ["b", "c", "a"]
    assert [c.id for c in answer(corpus, StoryListRequest(sort=Sort.NEWEST)).cards] == ["c", "b", "a"]


def test_a_facet_holds_the_most_frequent_values_and_no_more_than_allowed() -> None:
    corpus = [Story(id=f"{n:04d}", client=f"client {n:04d}") for n in range(MAX_FACET_VALUES + 50)]
    corpus.append(Story(id="z", client="client 0249"))
    facet = answer(corpus, StoryListRequest(include_narratives=True)).facets["clients"]
    assert [(f.value, f.count) for f in facet[:2]] == [("client 0249", 2), ("client 0000", 1)]
    assert len(facet) == MAX_FACET_VALUES
    assert facet[-1].value == f"client {MAX_FACET_VALUES - 2:04d}"


@pytest.mark.parametrize(
    ("request_fields", "ids"),
    [
        ({}, ["plain"]),
        ({"include_narratives": True}, ["narrative", "plain"]),
        ({"themes": (NARRATIVE_THEME,)}, ["narrative"]),
        ({"themes": (NARRATIVE_THEME, "Delivery")}, ["narrative", "plain"]),
    ],
)
def test_narratives_are_listed_on_request(request_fields: dict[str, Any], ids: list[str]) -> None:
    corpus = [Story(id="narrative", theme=NARRATIVE_THEME), Story(id="plain", theme="Delivery")]
    found = answer(corpus, StoryListRequest(**request_fields))
    assert sorted(card.id for card in found.cards) == ids


def test_the_themes_facet_counts_narratives_only_where_they_are_shown() -> None:
    corpus = [Story(id="narrative", theme=NARRATIVE_THEME), Story(id="plain", theme="Delivery")]
    facets = {
        themes: [found.value for found in answer(corpus, StoryListRequest(themes=themes)).facets["themes"]]
        for themes in ((), (NARRATIVE_THEME,))
    }
    assert facets == {(): ["Delivery"], (NARRATIVE_THEME,): ["Delivery", NARRATIVE_THEME]}


def test_a_page_beyond_the_end_is_empty() -> None:
    found = answer([Story(id="a")], StoryListRequest(offset=1_000_000))
    assert (found.cards, found.total) == ((), 1)


def test_lists_name_the_owner_without_an_address() -> None:
    facts = ProfileFacts(
        name="Ada", place="Berlin", education="MBA", aliases={"Amex": "American Express"},
        email="ada@example.com", phone="+1 555 0100", cv="https://example.com/cv",
    )  # fmt: skip
    corpus = (Story(id="a"),)
    catalog = Catalog(unpack_snapshot(prepare(corpus, "embedder", lambda _: None, facts).listing))
    text = list_json(catalog, "test", [0], '"total":1,"facets":{},"first_start":"","last_end":""')
    assert not any(address in text for address in ("example.com", "555"))
    legacy = listing_of(Corpus(corpus, "v1", facts=facts), "test")(StoryListRequest())
    assert StoryList.model_validate_json(text).owner_facts == legacy.owner_facts == facts.owner
    assert facts.owner.texts() == ("Ada", "Berlin", "MBA")
