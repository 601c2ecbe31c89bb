"""The industries functions as Lambda calls them, over a real table."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from contracts.industries import IndustryCategories, IndustryDetail, IndustryList
from contracts.problem import Problem
from contracts.story import Story
from lambdas.common import live_version
from lambdas.industries import store
from lambdas.industries.functions import categories, get
from lambdas.industries.functions import list as listing
from lambdas.industries.pointer import POINTER
from tests.support.builders.api_events import recorded
from tests.support.faults.aws_clients import Countdown, CountedClient
from tests.support.stacks.industries import FakeIndustriesStack, forget_process_state, new_industries_stack

CORPUS = (
    Story(id="a|acme", industry="Retail & Consumer", client="Acme", capability="Payments", result=("40% faster",)),
    Story(id="b|acme", industry="Retail & Consumer", client="Acme"),
    Story(id="c|zeta", industry="金融", client="Zeta"),
)
HASHED = "industry-a42315e4"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIndustriesStack]:
    made = new_industries_stack()
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(store, "dynamodb_client", lambda: made.dynamodb)
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 0.0)
    forget_process_state()
    yield made
    forget_process_state()


def call(function: Any, industry: str | None = None, /, **query: str) -> tuple[int, str]:
    event = recorded(
        "stories_list",
        pathParameters=None if industry is None else {"industry": quote(industry, safe="")},
        queryStringParameters=None,
        multiValueQueryStringParameters={name: [value] for name, value in query.items()} or None,
    )
    response = function.handler(event, None)
    return response["statusCode"], response["body"]


def listed() -> IndustryList:
    status, body = call(listing)
    assert status == 200, body
    return IndustryList.model_validate_json(body)


def detailed(slug: str) -> IndustryDetail:
    status, body = call(get, slug)
    assert status == 200, body
    return IndustryDetail.model_validate_json(body)


def test_answers_are_stamped_with_corpus_and_code(stack: FakeIndustriesStack) -> None:
    report = stack.ingest(*CORPUS)
    grouped = IndustryCategories.model_validate_json(call(categories, "retail-consumer")[1])
    for answer in (listed(), detailed("retail-consumer"), grouped):
        assert (answer.corpus_version, answer.code_version) == (report.corpus_version, "test")


def test_every_industry_that_is_listed_is_found_by_its_slug(stack: FakeIndustriesStack) -> None:
    stack.ingest(*CORPUS)
    industries = listed().industries
    assert [(entry.name, entry.slug, entry.stories) for entry in industries] == [
        ("Retail & Consumer", "retail-consumer", 2),
        ("金融", HASHED, 1),
    ]
    assert [detailed(entry.slug).stories for entry in industries] == [2, 1]


def test_large_answers_survive_their_compression(stack: FakeIndustriesStack) -> None:
    many = tuple(Story(id=f"{n}", industry="Retail", client=f"Söhne {n:03} 😀") for n in range(300))
    stack.ingest(*many)
    item = stack.dynamodb.get_item(
        TableName=stack.table, Key={"pk": {"S": stack.pointer().edition}, "sk": {"S": "detail#retail"}}
    )["Item"]
    assert "B" in item["body"]
    assert [client.name for client in detailed("retail").clients] == [f"Söhne {n:03} 😀" for n in range(300)]


@pytest.mark.parametrize("function", [get, categories])
@pytest.mark.parametrize("name", ["Retail & Consumer", "RETAIL-CONSUMER", "retail-consumer "])
def test_an_industry_is_found_by_its_name_in_any_spelling(stack: FakeIndustriesStack, function: Any, name: str) -> None:
    stack.ingest(*CORPUS)
    assert call(function, name) == call(function, "retail-consumer")


@pytest.mark.parametrize("function", [get, categories])
@pytest.mark.parametrize("slug", ["nowhere", "x" * 1000])
def test_an_unknown_slug_is_not_found_and_known_industries_are_named(
    stack: FakeIndustriesStack, function: Any, slug: str
) -> None:
    report = stack.ingest(*CORPUS)
    status, body = call(function, slug)
    problem = Problem.model_validate_json(body)
    expected = f"there is no industry with this slug; known ones: {HASHED}, retail-consumer"
    assert (status, problem.detail, problem.corpus_version) == (404, expected, report.corpus_version)


def test_the_list_of_known_industries_is_limited(stack: FakeIndustriesStack) -> None:
    stack.ingest(*(Story(id=f"{n:03}", industry=f"Industry {n:03}") for n in range(160)))
    detail = Problem.model_validate_json(call(get, "nowhere")[1]).detail
    assert len(detail) == 2000
    assert detail.startswith("there is no industry with this slug; known ones: industry-000, industry-001, ")


def test_a_corpus_without_an_industry_has_an_empty_list(stack: FakeIndustriesStack) -> None:
    stack.ingest(Story(id="a"))
    assert listed().industries == ()
    assert call(get, "retail")[0] == 404


@pytest.mark.parametrize(
    ("function", "slug", "query", "path"),
    [
        (get, "", {}, "industry"),
        (get, "x" * 1001, {}, "industry"),
        (categories, "a\x00b", {}, "industry"),
        (categories, "retail", {"tier": "Core"}, "tier"),
        (get, "retail", {"industry": "other"}, "industry"),
        (listing, None, {"limit": "3"}, "limit"),
    ],
)
def test_a_bad_request_names_its_field(
    stack: FakeIndustriesStack, function: Any, slug: str | None, query: dict[str, str], path: str
) -> None:
    status, body = call(function, slug, **query)
    assert (status, [error.path for error in Problem.model_validate_json(body).errors]) == (422, [path])


@pytest.mark.parametrize(("function", "slug"), [(listing, None), (get, "retail"), (categories, "retail")])
def test_before_the_first_ingest_nothing_is_available(
    stack: FakeIndustriesStack, function: Any, slug: str | None
) -> None:
    status, body = call(function, slug)
    assert status == 503
    assert stack.table not in body


def test_a_switched_corpus_is_served_without_a_restart(stack: FakeIndustriesStack) -> None:
    stack.ingest(*CORPUS)
    assert detailed("retail-consumer").stories == 2
    stack.ingest(*CORPUS[1:])
    assert detailed("retail-consumer").stories == 1


def test_a_lost_table_leaves_warm_answers_available(stack: FakeIndustriesStack) -> None:
    stack.ingest(*CORPUS)
    warm = call(get, "retail-consumer"), call(listing)
    stack.dynamodb.delete_table(TableName=stack.table)
    assert (call(get, "retail-consumer"), call(listing)) == warm
    assert call(categories, "retail-consumer")[0] == 503
    assert call(get, "nowhere")[0] == 404


def test_a_warm_answer_is_not_read_again(stack: FakeIndustriesStack, monkeypatch: pytest.MonkeyPatch) -> None:
    countdown = Countdown(100)
    monkeypatch.setattr(store, "dynamodb_client", lambda: CountedClient(stack.dynamodb, countdown))
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 60.0)
    stack.ingest(*CORPUS)
    first = call(get, "retail-consumer")
    assert countdown.made == ["get_item"] * 3  # the pointer, the list and the detail
    assert (call(get, "retail-consumer"), call(listing)[0], call(get, "nowhere")[0]) == (first, 200, 404)
    assert len(countdown.made) == 3


def test_an_item_that_is_missing_is_unavailable_and_not_unknown(stack: FakeIndustriesStack) -> None:
    report = stack.ingest(*CORPUS)
    stack.delete(report.edition, "detail#retail-consumer")
    assert call(get, "retail-consumer")[0] == 503


def test_a_version_deleted_under_a_warm_function_is_replaced_by_the_new_one(
    stack: FakeIndustriesStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stack.ingest(*CORPUS)
    listed()
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 60.0)
    listed()
    stack.ingest(*CORPUS[1:])
    stack.delete(first.edition, "detail#retail-consumer")
    assert detailed("retail-consumer").stories == 1


def test_an_incomplete_version_leaves_the_old_one_served(stack: FakeIndustriesStack) -> None:
    first = stack.ingest(*CORPUS)
    listed()
    second = stack.ingest(*CORPUS[1:])
    stack.delete(second.edition, "list")
    assert listed().corpus_version == first.corpus_version


def test_a_version_of_another_format_is_rejected(stack: FakeIndustriesStack) -> None:
    stack.ingest(*CORPUS)
    stack.dynamodb.update_item(
        TableName=stack.table,
        Key={"pk": {"S": POINTER}, "sk": {"S": POINTER}},
        UpdateExpression="SET #format = :other",
        ExpressionAttributeNames={"#format": "format"},
        ExpressionAttributeValues={":other": {"N": "999"}},
    )
    assert call(listing)[0] == 503


@pytest.mark.parametrize("function", ["get", "list", "categories"])
def test_a_function_does_not_load_what_only_an_ingest_needs(function: str) -> None:
    show = f"import sys, lambdas.industries.functions.{function}; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "numpy", "tenacity", "lambdas.industries.aggregates"}.intersection(loaded)
