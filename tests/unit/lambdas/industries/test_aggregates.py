"""Industry aggregates: examples of each rule, and all rules compared with a slow implementation."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from contracts.base import Versioned
from contracts.industries import MAX_ENTRIES, IndustryCategories, IndustryDetail, industry_slug
from contracts.story import Story
from lambdas.industries.aggregates import group_by_industry, industry_categories, industry_detail, industry_list
from tests.support.builders.industry_corpora import corpora
from tests.support.oracles import industries as oracle


def banking(story_id: str, **fields: Any) -> Story:
    return Story(id=story_id, **{"industry": "Banking", **fields})


def detail_of(*stories: Story) -> IndustryDetail:
    (industry,) = group_by_industry(stories)
    return industry_detail(industry, "v1")


def categories_of(*stories: Story) -> IndustryCategories:
    (industry,) = group_by_industry(stories)
    return industry_categories(industry, "v1")


def told(answer: Versioned) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"corpus_version", "code_version"})


@given(corpora)
def test_aggregates_follow_all_rules(corpus: Sequence[Story]) -> None:
    industries = group_by_industry(corpus)
    assert told(industry_list(industries, "v1")) == {
        "industries": oracle.listed(corpus),
        "competencies": oracle.competent(corpus),
    }
    for industry in industries:
        assert told(industry_detail(industry, "v1")) == oracle.detailed(corpus, industry.slug)
        assert told(industry_categories(industry, "v1")) == oracle.categorised(corpus, industry.slug)


def test_narratives_and_stories_without_an_industry_are_left_out() -> None:
    kept = banking("a")
    left_out = (banking("b", theme="Professional Narrative"), Story(id="c"))
    assert [industry.stories for industry in group_by_industry([kept, *left_out])] == [(kept,)]


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (("banking", "Banking", "banking"), "banking"),
        (("banking", "Banking"), "Banking"),
        (("Énergie", "energie", "energie"), "energie"),
    ],
)
def test_an_industry_has_its_most_frequent_spelling(spellings: Sequence[str], name: str) -> None:
    (industry,) = group_by_industry(Story(id=str(n), industry=spelling) for n, spelling in enumerate(spellings))
    assert (industry.name, industry.slug) == (name, industry_slug(name))


def test_industries_are_sorted_by_stories_then_name() -> None:
    names = ("Retail", "Energy", "Retail", "Banking")
    listed = industry_list(group_by_industry(Story(id=str(n), industry=name) for n, name in enumerate(names)), "v1")
    assert [(entry.name, entry.stories) for entry in listed.industries] == [
        ("Retail", 2),
        ("Banking", 1),
        ("Energy", 1),
    ]


def test_aggregate_clients_are_last_whatever_their_stories() -> None:
    clients = ("multiple clients", "multiple clients", "Zeta", "Acme", "", "Fortune 500 Clients")
    detail = detail_of(*(banking(str(n), client=client) for n, client in enumerate(clients)))
    assert [(client.name, client.stories, client.aggregate) for client in detail.clients] == [
        ("Acme", 1, False),
        ("Zeta", 1, False),
        ("multiple clients", 2, True),
        ("Fortune 500 Clients", 1, True),
    ]


def test_lists_are_bounded() -> None:
    many = range(MAX_ENTRIES + 1)
    stories = [banking(f"{n:04}", client=f"Client {n:04}", capability=f"Capability {n:04}") for n in many]
    assert len(detail_of(*stories).clients) == MAX_ENTRIES
    assert len(categories_of(*stories).categories) == MAX_ENTRIES
    industries = group_by_industry(Story(id=f"{n:04}", industry=f"Industry {n:04}") for n in many)
    assert len(industries) == MAX_ENTRIES + 1
    assert len(industry_list(industries, "v1").industries) == MAX_ENTRIES


def test_years_cover_starts_and_ends() -> None:
    stories = (banking("a", start_date="2010-05"), banking("b", end_date="2008-01"), banking("c"))
    detail = detail_of(*stories)
    assert (detail.first_year, detail.last_year) == (2008, 2010)
    undated = detail_of(banking("a"))
    assert (undated.first_year, undated.last_year) == (None, None)


def test_the_six_strongest_stories_are_shown_by_rank_then_id() -> None:
    lines = ("1+ clients", "$1M", "2x", "10%", "20%", "10%", "30%", "3x")
    detail = detail_of(*(banking(f"s{n}", title=f"T{n}", result=(line,)) for n, line in enumerate(lines)))
    assert [shown.story_id for shown in detail.strongest] == ["s6", "s4", "s3", "s5", "s7", "s2"]
    assert (detail.strongest[0].title, detail.strongest[0].line) == ("T6", "30%")


def test_distinct_metrics_of_each_story_are_added_up() -> None:
    stories = (banking("a", result=("40% and 40%", "2x")), banking("b", performance=("40%",)))
    assert detail_of(*stories).metrics == 3


def test_capabilities_have_a_tier_and_count_named_clients() -> None:
    stories = [banking(f"p{n}", capability="Payments", client=client) for n, client in enumerate(("Acme", "", "Acme"))]
    groups = categories_of(*stories, banking("o", capability="Audit"), banking("n")).categories
    assert [(group.name, group.tier, group.stories, group.clients) for group in groups] == [
        ("Payments", "Core", 3, 1),
        ("Audit", "Specialized", 1, 0),
    ]


def test_tags_ignore_case_and_are_spelled_as_the_first_story_does() -> None:
    tags = {"c": ("Cloud", "zip"), "b": ("CLOUD", "b"), "a": ("x", "Zip", "d", "e", "f")}
    (group,) = categories_of(
        *(banking(story_id, capability="Payments", tags=carried) for story_id, carried in tags.items())
    ).categories
    assert group.tags == ("CLOUD", "Zip", "b", "d", "e")
