"""Industries in-process: names, clients, years, metrics, tiers; by examples and against a second implementation."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.corpus.corpus import load_corpus
from backend_clients.errors import InvalidRequest, NotFound
from backend_clients.industries import parity
from backend_clients.industries.client import IndustriesClient
from backend_clients.industries.legacy import LegacyIndustries
from backend_clients.routing.comparison import compare
from backend_clients.routing.observation import Observation
from contracts.industries import IndustriesRequest, IndustryCategories, IndustryDetail, IndustryRequest, industry_slug
from contracts.story import NARRATIVE_THEME, Story
from tests.support.builders.industry_corpora import corpora
from tests.support.builders.stories import SAMPLE_FILE, corpus, story
from tests.support.oracles.industries import categorised, detailed, listed, slugs_of


def side(*stories: Story) -> LegacyIndustries:
    return LegacyIndustries(corpus(*stories), "test")


def detail(slug: str, *stories: Story) -> IndustryDetail:
    return side(*stories).get_industry(IndustryRequest(industry=slug))


def categories(slug: str, *stories: Story) -> IndustryCategories:
    return side(*stories).list_categories(IndustryRequest(industry=slug))


def banking(*rows: dict[str, Any]) -> list[Story]:
    return [story(f"s{number:02d}", **{"industry": "Banking", **row}) for number, row in enumerate(rows)]


# The list


def test_industries_are_sorted_by_number_of_stories_then_name() -> None:
    stories = [story(f"s{n}", industry=name) for n, name in enumerate(("Retail", "Energy", "Banking", "Energy", ""))]
    answer = side(*stories).list_industries(IndustriesRequest())
    assert [(row.name, row.slug, row.stories) for row in answer.industries] == [
        ("Energy", "energy", 2),
        ("Banking", "banking", 1),
        ("Retail", "retail", 1),
    ]
    assert (answer.corpus_version, answer.code_version) == (corpus(*stories).version, "test")


def test_competencies_are_sorted_by_number_of_stories() -> None:
    named = banking(
        {"competencies": ("Testing", "Design", "Testing")},
        {"competencies": ("Design", "")},
        {"competencies": ("Art",), "theme": NARRATIVE_THEME},
    )
    answer = side(*named, story("x", competencies=("Law",))).list_industries(IndustriesRequest())
    assert [(row.name, row.stories) for row in answer.competencies] == [("Design", 2), ("Testing", 1)]


def test_spellings_of_one_slug_are_one_industry_under_the_most_frequent() -> None:
    names = ("banking", "Banking!", "Banking!", "BANKING")
    stories = [story(f"s{n}", industry=name) for n, name in enumerate(names)]
    (row,) = side(*stories).list_industries(IndustriesRequest()).industries
    assert (row.name, row.slug, row.stories) == ("Banking!", "banking", 4)


def test_narratives_are_omitted() -> None:
    stories = banking({"theme": NARRATIVE_THEME}, {}, {"theme": "Delivery"})
    assert detail("banking", *stories).stories == 2
    alone = side(story(industry="Energy", theme=NARRATIVE_THEME))
    assert alone.list_industries(IndustriesRequest()).industries == ()


@pytest.mark.parametrize("slug", ["nowhere", "banking-2", "bank/ing", "."])
def test_an_unknown_slug_is_not_found_and_the_known_ones_are_named(slug: str) -> None:
    known = side(*banking({}), story("x", industry="Énergie & Eau"))
    for call in (known.get_industry, known.list_categories):
        with pytest.raises(NotFound, match="known ones: banking, energie-eau") as raised:
            call(IndustryRequest(industry=slug))
        assert raised.value.corpus_version == known.list_industries(IndustriesRequest()).corpus_version


def test_the_message_of_an_unknown_slug_is_bounded() -> None:
    many = side(*(story(f"s{number}", industry=f"industry {number}" * 5) for number in range(300)))
    with pytest.raises(NotFound) as raised:
        many.get_industry(IndustryRequest(industry="nowhere"))
    assert len(str(raised.value)) <= 2000


# One industry


def test_clients_are_sorted_by_number_then_name_with_aggregates_last() -> None:
    clients = ("Zeta", "Acme", "Multiple Clients", "Acme", "multiple clients", "Fortune 500 Clients", "Bolt", "")
    answer = detail("banking", *banking(*({"client": name} for name in (*clients, "Multiple Clients"))))
    assert [(row.name, row.stories, row.aggregate) for row in answer.clients] == [
        ("Acme", 2, False),
        ("Bolt", 1, False),
        ("Zeta", 1, False),
        ("Multiple Clients", 2, True),
        ("Fortune 500 Clients", 1, True),
        ("multiple clients", 1, True),
    ]


@pytest.mark.parametrize("name", ["Various Clients", "Independent Project", "INDEPENDENT PROJECTS"])
def test_a_name_of_no_single_client_is_an_aggregate(name: str) -> None:
    assert [row.aggregate for row in detail("banking", *banking({"client": name})).clients] == [True]


@pytest.mark.parametrize(
    ("dates", "span"),
    [
        ([("2006-02", "2007-03"), ("1999-12", "")], (1999, 2007)),
        ([("", "2011-01")], (2011, 2011)),
        ([("", "")], (None, None)),
    ],
)
def test_years_cover_the_known_dates(dates: list[tuple[str, str]], span: tuple[int | None, int | None]) -> None:
    answer = detail("banking", *banking(*({"start_date": start, "end_date": end} for start, end in dates)))
    assert (answer.first_year, answer.last_year) == span


def test_metrics_are_counted_once_a_story_and_the_six_strongest_lines_shown() -> None:
    rows: list[dict[str, Any]] = [
        {"title": "count", "result": ("150+ users",)},
        {"title": "money", "result": ("- $2M saved",)},
        {"title": "more money", "performance": ("$1.2B saved",)},
        {"title": "multiple", "result": ("4x faster", "4x again")},
        {"title": "percent", "result": ("10% fewer", "40% up", "$9B")},
        {"title": "same percent", "result": ("40% up",)},
        {"title": "small count", "result": ("3 months",)},
        {"title": "none", "result": ("nothing",)},
    ]
    answer = detail("banking", *banking(*rows))
    assert answer.metrics == 1 + 1 + 1 + 1 + 3 + 1 + 1
    assert [(line.title, line.line) for line in answer.strongest] == [
        ("percent", "40% up"),
        ("same percent", "40% up"),
        ("multiple", "4x faster"),
        ("more money", "$1.2B saved"),
        ("money", "$2M saved"),
        ("count", "150+ users"),
    ]
    assert answer.strongest[0].story_id == "s04"


# Categories


def test_capabilities_of_three_stories_are_core() -> None:
    rows = [{"capability": name, "client": client} for name, client in (*[("Cloud", "Acme")] * 3, ("Data", "Acme"))]
    rows += [{"capability": "Audit", "client": "Bolt"}, {"capability": "Audit", "client": ""}, {"capability": ""}]
    answer = categories("banking", *banking(*rows))
    assert [(group.name, group.tier, group.stories, group.clients) for group in answer.categories] == [
        ("Cloud", "Core", 3, 1),
        ("Audit", "Specialized", 2, 1),
        ("Data", "Specialized", 1, 1),
    ]
    assert (answer.name, answer.slug) == ("Banking", "banking")


def test_the_five_most_frequent_tags_are_shown_in_their_first_spelling() -> None:
    tags = [("Java", "b"), ("JAVA", "a"), ("java", "c", "d", "e", "f"), ("c",)]
    rows = [{"capability": "Cloud", "tags": names} for names in tags]
    assert categories("banking", *banking(*rows)).categories[0].tags == ("Java", "c", "a", "b", "d")


# Against the rules said once more


@given(corpora)
def test_any_corpus_is_aggregated_by_the_rules(stories: list[Story]) -> None:
    ordered = sorted(stories, key=lambda item: item.id)
    told = side(*stories)
    assert [row.model_dump() for row in told.list_industries(IndustriesRequest()).industries] == listed(ordered)
    for slug in slugs_of(ordered):
        request = IndustryRequest(industry=slug)
        unstamped = {"corpus_version", "code_version"}
        assert told.get_industry(request).model_dump(mode="json", exclude=unstamped) == detailed(ordered, slug)
        assert told.list_categories(request).model_dump(mode="json", exclude=unstamped) == categorised(ordered, slug)


def test_the_sample_is_aggregated_by_the_rules() -> None:
    sample = load_corpus(SAMPLE_FILE)
    told = LegacyIndustries(sample, "test")
    rows = told.list_industries(IndustriesRequest()).industries
    assert [row.model_dump() for row in rows] == listed(sample.stories)
    for row in rows:
        answer = told.get_industry(IndustryRequest(industry=row.slug))
        assert answer.model_dump(mode="json", exclude={"corpus_version", "code_version"}) == detailed(
            sample.stories, row.slug
        )


@given(st.text(max_size=40))
def test_a_slug_is_plain_and_idempotent(name: str) -> None:
    slug = industry_slug(name)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert industry_slug(slug) == slug


# The client and what is compared


@pytest.mark.parametrize("slug", ["", "x" * 1001, "a\nb", "\ud800"])
def test_an_impossible_slug_is_an_invalid_request_that_names_the_field(slug: str) -> None:
    routed: list[Any] = []
    router: Any = SimpleNamespace(read=lambda *asked: routed.append(asked))
    remote: Any = side(*banking({}))
    client = IndustriesClient(router, remote, remote)
    for call in (client.get_industry, client.list_categories):
        with pytest.raises(InvalidRequest) as raised:
            call(slug, "visitor")
        assert [field.path for field in raised.value.fields] == ["industry"]
    assert routed == []


def test_every_operation_has_both_sides() -> None:
    nothing: Any = None
    remote: Any = side(*banking({}))
    operations = IndustriesClient(nothing, remote, remote).operations
    assert [operation.name for operation in operations] == ["list", "get", "categories"]
    assert all(operation.legacy and operation.remote for operation in operations)
    assert [operation.legacy for operation in IndustriesClient(nothing, None, remote).operations] == [None] * 3


def layer_of(view: Any, one: Any, **fields: Any) -> str:
    other = one.model_copy(update=fields)
    comparison = compare(view, Observation(1.0, value=one), Observation(1.0, value=other))
    return comparison.layer if comparison.outcome == "mismatch" else comparison.outcome.value


def test_the_first_layer_that_differs_is_named() -> None:
    cloud = {"client": "Acme", "result": ("4x",), "capability": "Cloud", "competencies": ("Testing",)}
    stories = banking(cloud, {"capability": "Data"})
    told, grouped = detail("banking", *stories), categories("banking", *stories)
    everything = side(*stories).list_industries(IndustriesRequest())
    assert layer_of(parity.list_layers, everything, code_version="other") == "match"
    assert layer_of(parity.list_layers, everything, industries=()) == "industries"
    assert layer_of(parity.list_layers, everything, competencies=()) == "competencies"
    assert layer_of(parity.detail_layers, told, code_version="other") == "match"
    assert layer_of(parity.detail_layers, told, metrics=7, clients=(), strongest=()) == "figures"
    assert layer_of(parity.detail_layers, told, clients=(), strongest=()) == "clients"
    assert layer_of(parity.detail_layers, told, strongest=()) == "payload"
    assert layer_of(parity.categories_layers, grouped, categories=grouped.categories[::-1]) == "order"
    renamed = tuple(group.model_copy(update={"clients": 9}) for group in grouped.categories)
    assert layer_of(parity.categories_layers, grouped, categories=renamed) == "payload"
