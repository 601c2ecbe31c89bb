"""Requests derived from a corpus: all that there is to ask for, and the same ones every time."""

from collections.abc import Sequence
from typing import Any

import pytest

from backend_clients.bootstrap import endpoint_of
from backend_clients.corpus.corpus import Corpus
from backend_clients.routing.read_router import Operation
from backend_clients.stories import parity
from contracts.industries import IndustryRequest, industry_slug
from contracts.rules.folding import fold_key
from contracts.stories import (
    FACET_FIELDS,
    RelatedRequest,
    Sort,
    StoryBatchRequest,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import Story
from operations.parity.runner import GeneratedRequest
from operations.parity.story_requests import industries_requests, stories_requests
from tests.support.builders.stories import corpus, story
from tests.support.sides.lambda_rules import StoriesSide

SMALL = corpus(
    *(
        story(
            f"{number}|client {number % 4}",
            title=f"Moving payments {number}",
            client=f"Client {number % 4}",
            role=f"Role {number % 2}",
            industry=("Banking", "Retail")[number % 2],
            theme=("Delivery", "Professional Narrative")[number % 5 == 0],
            tags=(f"Tag {number}", "Cloud"),
            start_date=f"20{number + 10}-01",
        )
        for number in range(12)
    )
)


def refuse(*_: object, **__: object) -> Any:
    raise AssertionError("the Lambda side is not asked when requests are made")


def of_stories(of: Corpus) -> list[Operation[Any, Any]]:
    side = StoriesSide(of)
    sides = {
        "list": side.list_stories,
        "get": side.get_story,
        "batch": side.get_stories,
        "related": side.related_stories,
    }
    return [
        Operation(endpoint_of("stories", name), answer, refuse, parity.list_layers) for name, answer in sides.items()
    ]


def of_industries() -> list[Operation[Any, Any]]:
    return [Operation(endpoint_of("industries", name), refuse, refuse, dict) for name in ("list", "get", "categories")]


def requests(items: Sequence[GeneratedRequest], kind: type) -> list[Any]:
    return [item.request for item in items if type(item.request) is kind]


def everything() -> StoryList:
    return StoriesSide(SMALL).list_stories(StoryListRequest(limit=1, include_narratives=True))


def made(count: int = 0, of: Corpus = SMALL) -> list[GeneratedRequest]:
    return stories_requests(of_stories(of), of, count)


def test_every_story_is_asked_for_with_its_relatives() -> None:
    for kind in (StoryRequest, RelatedRequest):
        assert set(SMALL.by_id) < {request.id for request in requests(made(), kind)}


def test_stories_that_are_not_there_are_asked_for() -> None:
    unknown = {request.id for request in requests(made(), StoryRequest)} - set(SMALL.by_id)
    assert len(unknown) >= 3
    assert any("/" in story_id for story_id in unknown)
    assert any(not story_id.isascii() for story_id in unknown)


@pytest.mark.parametrize("of", [SMALL, corpus(*(story(f"{n:04d}|ü" * 20) for n in range(300)))], ids=["small", "large"])
def test_every_story_and_some_that_are_not_there_are_asked_for_in_batches(of: Corpus) -> None:
    batches = requests(made(of=of), StoryBatchRequest)
    ids = [story_id for request in batches for story_id in request.ids]
    assert set(of.by_id) < set(ids)
    assert len(ids) == len(set(ids)) == len(of.by_id) + 4


def test_every_facet_value_and_every_order_is_asked_for() -> None:
    single = [request.model_dump(exclude_defaults=True) for request in requests(made(), StoryListRequest)]
    for field in FACET_FIELDS:
        for facet in everything().facets[field]:
            assert {field: (facet.value,)} in single
    assert {request.sort for request in requests(made(), StoryListRequest)} == set(Sort)


@pytest.mark.parametrize("count", [0, 1, 500])
def test_there_are_at_least_as_many_as_wanted(count: int) -> None:
    exhaustive = len(made())
    assert len(made(count)) == max(count, exhaustive)


def test_the_random_ones_mix_filters_orders_and_pages() -> None:
    mixed = requests(made(600)[len(made()) :], StoryListRequest)
    used = {name for request in mixed for name in request.model_dump(exclude_defaults=True)}
    varied = {*FACET_FIELDS, "q", "mentions", "has_metric", "include_narratives", "sort", "limit", "offset"}
    assert used == varied - {"capabilities", "eras", "domains", "employers"}  # this corpus has none of those
    assert {len(request.tags) for request in mixed} == {0, 1, 2, 3}
    spelled = {field: {facet.value for facet in everything().facets[field]} for field in FACET_FIELDS}
    for field in used & set(FACET_FIELDS):
        asked = {value for request in mixed for value in getattr(request, field)}
        assert asked - spelled[field], f"no value of {field} is spelled otherwise"
        assert set(map(fold_key, asked)) <= set(map(fold_key, spelled[field]))


def test_they_are_the_same_every_time_and_a_longer_run_goes_on_from_a_shorter_one() -> None:
    first, again = made(300), made(400)
    assert [item.request for item in first] == [item.request for item in again[:300]]
    assert [item.operation.name for item in first] == [item.operation.name for item in again[:300]]


def test_each_request_goes_to_its_own_operation() -> None:
    kinds = {"list": StoryListRequest, "get": StoryRequest, "batch": StoryBatchRequest, "related": RelatedRequest}
    assert all(type(item.request) is kinds[item.operation.name] for item in made(200))


ODD = {
    "a story of nothing": [story("only an id")],
    "long values": [story("long", industry="i" * 1_500, client="c" * 1_001, tags=("t" * 2_000, "short"))],
    "no words at all": [story("?", title="—", tags=("…", "+"))],
    "no letters": [story("1", industry="?!", client="&&&"), story("2", industry="支付", client="🎉")],
    "many": [story(f"{n:04d}", tags=(f"tag {n}",), industry=f"I{n}", client="x") for n in range(300)],
}


@pytest.mark.parametrize("stories", ODD.values(), ids=ODD)
def test_odd_corpora_give_requests_that_can_be_made(stories: list[Story]) -> None:
    of = corpus(*stories)
    ids = {request.id for request in requests(made(200, of), StoryRequest)}
    assert ids >= set(of.by_id)
    assert industries_requests(of_industries(), of, 50)


def test_every_industry_is_asked_for_and_some_that_are_none() -> None:
    items = industries_requests(of_industries(), SMALL, 0)
    slugs = {industry_slug(item.industry) for item in SMALL.stories}
    for name in ("get", "categories"):
        asked = {item.request.industry for item in items if item.operation.name == name}
        assert slugs < asked
        assert len(asked - slugs) >= 3
    assert "list" in {item.operation.name for item in items}


def test_industries_are_asked_for_over_and_over_when_more_is_wanted() -> None:
    once = industries_requests(of_industries(), SMALL, 0)
    assert len(industries_requests(of_industries(), SMALL, 1)) == len(once)
    many = industries_requests(of_industries(), SMALL, 100)
    assert [item.request for item in many] == [once[number % len(once)].request for number in range(100)]
    assert all(type(item.request) is IndustryRequest for item in many[1 : len(once)])


def test_a_domain_without_a_legacy_side_gives_no_requests() -> None:
    operations = [Operation(endpoint_of("stories", "list"), None, refuse, parity.list_layers)]
    with pytest.raises(ValueError, match="stories has no legacy side"):
        stories_requests(operations, SMALL, 1)
