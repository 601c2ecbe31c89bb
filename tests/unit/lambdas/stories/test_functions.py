"""The stories functions as Lambda calls them, over a real table and bucket."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.problem import Problem
from contracts.stories import RelatedStories, Sort, StoryBatch, StoryDetail, StoryList
from contracts.story import Story, content_hash
from lambdas.common import live_version
from lambdas.stories import service, store
from lambdas.stories.functions import get, related
from lambdas.stories.functions import list as listing
from tests.support.builders.api_events import get_event, recorded
from tests.support.faults.aws_clients import PatchedClient
from tests.support.stacks.stories import FakeStack, forget_process_state, new_stack

ODD_IDS = ("rate cut/50%|zürich", "a b", "100%25", "../..", "q?x=1#y", "😀" * 80, "x" * 900)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeStack]:
    made = new_stack()
    for name, value in {**made.environment(), "SNAPSHOT_FOLDER": str(tmp_path / "listings")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(store, "dynamodb_client", lambda: made.dynamodb)
    monkeypatch.setattr(store, "s3_client", lambda: made.s3)
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 0.0)
    forget_process_state()
    yield made
    forget_process_state()


def corpus() -> tuple[Story, ...]:
    odd = [Story(id=story_id, title=f"Story {n}", client="Acme") for n, story_id in enumerate(ODD_IDS)]
    return (Story(id="a|acme", title="First", client="Acme", result=("40% faster",), tags=("Cloud",)), *odd)


def call(function: Any, event: dict[str, Any]) -> tuple[int, str]:
    response = function.handler(event, None)
    return response["statusCode"], response["body"]


def listed(**query: Any) -> StoryList:
    status, body = call(listing, get_event(**query))
    assert status == 200, body
    return StoryList.model_validate_json(body)


def test_a_list_is_stamped_and_complete(stack: FakeStack) -> None:
    report = stack.ingest(*corpus())
    found = listed()
    assert (found.corpus_version, found.code_version) == (report.corpus_version, "test")
    assert found.total == len(corpus())
    assert {card.id for card in found.cards} == {story.id for story in corpus()}


def test_a_recorded_list_call_is_answered(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    response = listing.handler(recorded("stories_list"), None)
    assert (response["statusCode"], response["headers"]["X-Request-Id"]) == (200, "site-7f3a.1")
    assert StoryList.model_validate_json(response["body"]).total == 0


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_add_up_to_the_whole_list(stack: FakeStack, sort: Sort) -> None:
    stack.ingest(*corpus())
    whole = [card.id for card in listed(sort=sort, limit=100).cards]
    pages = [card.id for start in range(0, 10, 3) for card in listed(sort=sort, limit=3, offset=start).cards]
    assert pages == whole


@pytest.mark.parametrize("story_id", ODD_IDS)
def test_a_story_is_found_by_any_id(stack: FakeStack, story_id: str) -> None:
    stack.ingest(*corpus())
    status, body = call(get, get_event(story_id))
    detail = StoryDetail.model_validate_json(body)
    assert (status, detail.story.id) == (200, story_id)
    assert RelatedStories.model_validate_json(call(related, get_event(story_id))[1]).related


def batch(*ids: str) -> StoryBatch:
    status, body = call(listing, get_event(ids=list(ids)))
    assert status == 200, body
    return StoryBatch.model_validate_json(body)


def test_a_batch_holds_the_stories_in_the_requested_order_each_once(stack: FakeStack) -> None:
    report = stack.ingest(*corpus())
    ids = [*ODD_IDS[:4], "nobody", "a|acme", ODD_IDS[0], ".", "nobody"]
    found = batch(*ids)
    assert [content.story.id for content in found.stories] == [*ODD_IDS[:4], "a|acme"]
    assert (found.missing, found.unprocessed) == (("nobody", "."), ())
    assert (found.corpus_version, found.code_version) == (report.corpus_version, "test")


@pytest.mark.parametrize("story_id", ODD_IDS)
def test_a_batch_has_the_same_content_as_a_single_story(stack: FakeStack, story_id: str) -> None:
    stack.ingest(*corpus())
    single = StoryDetail.model_validate_json(call(get, get_event(story_id))[1])
    (content,) = batch(story_id).stories
    assert content.model_dump().items() <= single.model_dump().items()


def watch_batch_reads(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The requests of every batch read of the table from now on."""
    reads: list[Any] = []

    def read(real: Any, **request: Any) -> Any:
        reads.append(request)
        return real(**request)

    monkeypatch.setattr(store, "dynamodb_client", lambda: PatchedClient(stack.dynamodb, "batch_get_item", read))
    return reads


def test_a_batch_of_unknown_ids_is_empty_and_reads_no_bodies(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.ingest(*corpus())
    reads = watch_batch_reads(stack, monkeypatch)
    assert (batch("nobody").stories, batch("nobody").missing, reads) == ((), ("nobody",), [])


def test_a_batch_is_one_read_of_the_table(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stories = [Story(id=f"s{number}") for number in range(25)]
    stack.ingest(*stories)
    reads = watch_batch_reads(stack, monkeypatch)
    assert len(batch(*(story.id for story in stories)).stories) == 25
    assert len(reads) == 1


def test_unprocessed_keys_of_a_batch_are_read_again(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.ingest(*corpus())
    sizes: list[int] = []

    def half(real: Any, **request: Any) -> Any:
        ((table, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        kept = (len(keys) + 1) // 2
        sizes.append(len(keys))
        answer = real(RequestItems={table: {**wanted, "Keys": keys[:kept]}})
        return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": keys[kept:]}} if keys[kept:] else {}}

    monkeypatch.setattr(store, "dynamodb_client", lambda: PatchedClient(stack.dynamodb, "batch_get_item", half))
    ids = [story.id for story in corpus()]
    assert [content.story.id for content in batch(*ids).stories] == ids
    assert sizes == [8, 4, 2, 1]


def test_a_table_that_leaves_keys_unprocessed_each_time_throttles(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.ingest(*corpus())

    def none(_: Any, **request: Any) -> Any:
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    monkeypatch.setattr(store, "_LONGEST_WAIT", 0.001)
    monkeypatch.setattr(store, "dynamodb_client", lambda: PatchedClient(stack.dynamodb, "batch_get_item", none))
    assert call(listing, get_event(ids=["a|acme"]))[0] == 429


def test_a_too_large_batch_names_the_stories_to_request_again(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.ingest(*corpus())
    size = len(corpus()[0].model_dump_json().encode())
    monkeypatch.setattr(service, "MAX_BATCH_BYTES", size)
    found = batch("a|acme", "a b", "nobody")
    assert [content.story.id for content in found.stories] == ["a|acme"]
    assert (found.unprocessed, found.missing) == (("a b",), ("nobody",))
    monkeypatch.setattr(service, "MAX_BATCH_BYTES", 1)
    assert [content.story.id for content in batch("a b", "a|acme").stories] == ["a b"]


def test_a_batch_whose_body_is_missing_is_unavailable(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    stack.dynamodb.delete_item(TableName=stack.table, Key={"pk": {"S": content_hash(corpus()[0])}})
    assert call(listing, get_event(ids=["a b", "a|acme"]))[0] == 503


def test_a_batch_reads_deleted_bodies_from_the_new_corpus(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.ingest(*corpus())
    listed()
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 60.0)
    listed()
    stack.ingest(corpus()[0].model_copy(update={"title": "Changed"}), *corpus()[2:])
    stack.dynamodb.delete_item(TableName=stack.table, Key={"pk": {"S": content_hash(corpus()[0])}})
    found = batch("a|acme", ODD_IDS[0])
    assert [content.story.title for content in found.stories] == ["Changed"]
    assert found.missing == (ODD_IDS[0],)


def test_a_story_comes_with_its_summary_metrics_and_integrity(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    detail = StoryDetail.model_validate_json(call(get, get_event("a|acme"))[1])
    assert detail.story == corpus()[0]
    assert detail.summary == "Outcome: 40% faster."
    assert [metric.text for metric in detail.metrics] == ["40%"]
    assert detail.integrity.missing == ("situation", "task", "action")


@pytest.mark.parametrize("function", [get, related])
@pytest.mark.parametrize("story_id", ["nobody", "A|acme", "a|acme "])
def test_an_unknown_id_is_not_found(stack: FakeStack, function: Any, story_id: str) -> None:
    report = stack.ingest(*corpus())
    status, body = call(function, get_event(story_id))
    problem = Problem.model_validate_json(body)
    assert (status, problem.detail) == (404, "No story has this id.")
    assert problem.corpus_version == report.corpus_version


@pytest.mark.parametrize(
    ("function", "event", "path"),
    [
        (listing, get_event(limit="101"), "limit"),
        (listing, get_event(sort="date"), "sort"),
        (listing, get_event(clients=["x"] * 51), "clients"),
        (listing, get_event(q="a\x00b"), "q"),
        (listing, get_event(page="2"), "page"),
        (listing, get_event(ids=["x"] * 26), "ids"),
        (listing, get_event(ids=["a", ""]), "ids.1"),
        (listing, get_event(ids=["a", "x" * 1001]), "ids.1"),
        (listing, get_event(ids=["é" * 1000, "é" * 400]), "ids"),
        (listing, get_event(ids="a|acme", limit="3"), "limit"),
        (related, get_event("a|acme", limit="13"), "limit"),
        (get, get_event("x" * 1001), "id"),
        (get, get_event("a|acme", fields="title"), "fields"),
    ],
)
def test_a_bad_request_names_its_field(stack: FakeStack, function: Any, event: dict[str, Any], path: str) -> None:
    status, body = call(function, event)
    assert (status, [error.path for error in Problem.model_validate_json(body).errors]) == (422, [path])


def test_before_the_first_ingest_nothing_is_available(stack: FakeStack) -> None:
    assert call(listing, get_event())[0] == 503
    stack.ingest(*corpus())
    assert call(listing, get_event())[0] == 200


def test_a_switched_corpus_is_served_without_a_restart(stack: FakeStack, tmp_path: Path) -> None:
    stack.ingest(*corpus())
    assert listed().total == len(corpus())
    stack.ingest(Story(id="only"))
    assert [card.id for card in listed().cards] == ["only"]
    assert call(get, get_event("a|acme"))[0] == 404
    assert len(list((tmp_path / "listings").iterdir())) == 1


def test_a_damaged_catalog_leaves_the_old_corpus_served(stack: FakeStack) -> None:
    before = stack.ingest(*corpus())
    listed()
    after = stack.ingest(Story(id="only"))
    stack.s3.put_object(Bucket=stack.bucket, Key=after.listing_key, Body=b"damaged")
    assert listed().corpus_version == before.corpus_version


def test_a_damaged_catalog_without_a_loaded_one_is_unavailable(stack: FakeStack) -> None:
    report = stack.ingest(*corpus())
    stack.s3.put_object(Bucket=stack.bucket, Key=report.listing_key, Body=b"damaged")
    status, body = call(listing, get_event())
    assert status == 503
    assert stack.bucket not in body


def test_a_lost_table_leaves_lists_available_and_makes_bodies_unavailable(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    listed()
    stack.dynamodb.delete_table(TableName=stack.table)
    assert listed().total == len(corpus())
    assert call(get, get_event("a|acme"))[0] == 503


def test_a_body_that_is_missing_is_unavailable_and_not_unknown(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    stack.dynamodb.delete_item(TableName=stack.table, Key={"pk": {"S": content_hash(corpus()[0])}})
    assert call(get, get_event("a|acme"))[0] == 503


def test_a_body_deleted_under_a_warm_function_is_read_from_the_new_corpus(
    stack: FakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.ingest(*corpus())
    listed()
    monkeypatch.setattr(live_version, "REFRESH_SECONDS", 60.0)
    listed()
    changed = corpus()[0].model_copy(update={"title": "Changed"})
    stack.ingest(changed, *corpus()[1:])
    stack.dynamodb.delete_item(TableName=stack.table, Key={"pk": {"S": content_hash(corpus()[0])}})
    detail = StoryDetail.model_validate_json(call(get, get_event("a|acme"))[1])
    assert detail.story.title == "Changed"


def test_answers_are_not_stored_by_shared_caches(stack: FakeStack) -> None:
    stack.ingest(*corpus())
    assert listing.handler(get_event(), None)["headers"]["Cache-Control"].startswith("private")


def test_a_catalog_of_another_format_is_rejected(stack: FakeStack, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr("lambdas.stories.ingest.catalog_builder.FORMAT", 999)
        other.setattr("lambdas.stories.catalog.FORMAT", 999)
        stack.ingest(*corpus())
    assert call(listing, get_event())[0] == 503
    assert json.loads(call(listing, get_event())[1])["status"] == 503
