"""The stories API as the site calls it: paths, queries, and answers equal to the legacy side's."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import responses
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from backend_clients.bootstrap import build_clients
from backend_clients.corpus.corpus import load_corpus
from backend_clients.errors import InvalidRequest, NotFound, Unavailable
from backend_clients.http.session import ApiSession
from backend_clients.records.recorder import Recorder
from backend_clients.routed import Origin
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Router
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import ShadowPool
from backend_clients.settings import Settings
from backend_clients.stages import Stage
from backend_clients.stories.client import StoriesClient
from backend_clients.stories.remote import RemoteStories
from contracts.problem import Problem
from contracts.stories import (
    FACET_FIELDS,
    RelatedRequest,
    RelatedStories,
    Sort,
    StoryBatch,
    StoryBatchRequest,
    StoryList,
    StoryListRequest,
    StoryRequest,
)
from contracts.story import MAX_ID_LENGTH
from tests.support.builders.stories import SAMPLE_FILE
from tests.support.servers.raw_server import answering, raw_server
from tests.support.sides.lambda_rules import StoriesSide
from tests.support.sides.routed import FakeFlags, FakeLedger

URL = "https://stories.example.com/v1"
SAMPLE = StoriesSide(load_corpus(SAMPLE_FILE))
EMPTY_LIST = StoryList(
    corpus_version="v", code_version="c", cards=(), total=0, facets={}, first_start="", last_end=""
).model_dump_json()
NOTHING_RELATED = RelatedStories(corpus_version="v", code_version="c", related=()).model_dump_json()
PLAIN = st.characters(exclude_categories=["Cs", "Cc"])
IDS = st.text(PLAIN, min_size=1, max_size=30).filter(lambda text: text not in (".", ".."))


@contextmanager
def remote(url: str = URL) -> Iterator[RemoteStories]:
    with ApiSession(url, "key", connect_timeout=1.0, read_timeout=2.0) as api:
        yield RemoteStories(api)


def asked_path(story_id: str, suffix: str) -> str:
    """The path of a related-stories request as it arrives at a server."""
    with raw_server(answering(NOTHING_RELATED.encode())) as server, remote(server.url) as stories:
        stories.related_stories(RelatedRequest(id=story_id))
        path = server.heads[0].split(" ")[1].split("?")[0]
    assert path.endswith(suffix)
    return path.removesuffix(suffix)


@pytest.mark.parametrize(
    ("story_id", "segment"),
    [
        ("plain-id", "plain-id"),
        ("title|client", "title%7Cclient"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("../related", "..%2Frelated"),
        ("50%", "50%25"),
        ("%2F", "%252F"),
        ("a+b", "a%2Bb"),
        ("?q=1#x", "%3Fq%3D1%23x"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("...", "..."),
        ("x" * 300, "x" * 300),
        ("é" * MAX_ID_LENGTH, "%C3%A9" * MAX_ID_LENGTH),
    ],
)
def test_an_id_is_one_percent_encoded_segment_of_the_path(story_id: str, segment: str) -> None:
    assert asked_path(story_id, "/related") == f"/api/stories/{segment}"


@given(IDS)
@example("%41")
@example("~._-")
@example(".%2e")
def test_any_id_arrives_as_it_was_sent(story_id: str) -> None:
    head, _, segment = asked_path(story_id, "/related").rpartition("/")
    assert head == "/api/stories"
    assert unquote(segment) == story_id


@pytest.mark.parametrize("story_id", [".", ".."])
def test_an_id_that_a_url_would_lose_is_not_found_without_asking(story_id: str) -> None:
    with raw_server(answering(EMPTY_LIST.encode())) as server, remote(server.url) as stories:
        with pytest.raises(NotFound):
            stories.get_story(StoryRequest(id=story_id))
        with pytest.raises(NotFound):
            stories.related_stories(RelatedRequest(id=story_id))
        assert server.heads == []


def query_of(request: StoryListRequest) -> str:
    with responses.RequestsMock() as web, remote() as stories:
        web.add(responses.GET, f"{URL}/api/stories", body=EMPTY_LIST)
        stories.list_stories(request)
        return urlsplit(web.calls[0].request.url).query


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({}, ""),
        ({"sort": Sort.NEWEST, "limit": 20, "offset": 0, "include_narratives": False, "q": ""}, ""),
        ({"clients": ("Acme", "B & C")}, "clients=Acme&clients=B+%26+C"),
        ({"has_metric": False}, "has_metric=false"),
        ({"has_metric": True, "include_narratives": True}, "has_metric=true&include_narratives=true"),
        ({"sort": Sort.TITLE_DESC, "limit": 5, "offset": 10}, "sort=-title&limit=5&offset=10"),
        ({"q": "größe 50%"}, "q=gr%C3%B6%C3%9Fe+50%25"),
    ],
)
def test_only_what_differs_from_the_defaults_is_sent(fields: dict[str, Any], query: str) -> None:
    sent = query_of(StoryListRequest(**fields))
    assert sorted(sent.split("&")) == sorted(query.split("&"))


def test_a_shadow_call_is_marked_on_every_operation() -> None:
    with responses.RequestsMock() as web, remote() as stories:
        web.add(responses.GET, re.compile(rf"{URL}/.*"), status=500)
        for ask, request in (
            (stories.list_stories, StoryListRequest()),
            (stories.get_story, StoryRequest(id="a")),
            (stories.get_stories, StoryBatchRequest(ids=("a",))),
            (stories.related_stories, RelatedRequest(id="a")),
        ):
            for shadow in (False, True):
                with pytest.raises(Unavailable):
                    ask(request, shadow=shadow)
                assert web.calls[-1].request.headers.get("X-Shadow") == ("1" if shadow else None)


# A Lambda side that answers by the same rules over the wire


def parsed(url: str) -> StoryListRequest:
    values = parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=bool(urlsplit(url).query))
    fields = {name: items if name in FACET_FIELDS else items[0] for name, items in values.items()}
    return StoryListRequest.model_validate(fields)


def batch_of(url: str) -> StoryBatchRequest:
    return StoryBatchRequest.model_validate(parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True))


def handle(request: Any) -> tuple[int, dict[str, str], str]:
    """The stories API over the sample corpus."""
    segments = urlsplit(request.url).path.removeprefix("/v1/api/stories").split("/")[1:]
    try:
        answer: BaseModel
        if not segments and "ids=" in urlsplit(request.url).query:
            answer = SAMPLE.get_stories(batch_of(request.url))
        elif not segments:
            answer = SAMPLE.list_stories(parsed(request.url))
        elif len(segments) == 1:
            answer = SAMPLE.get_story(StoryRequest(id=unquote(segments[0])))
        else:
            limit = parse_qs(urlsplit(request.url).query)["limit"][0]
            answer = SAMPLE.related_stories(RelatedRequest(id=unquote(segments[0]), limit=int(limit)))
    except NotFound as error:
        return 404, {}, Problem(title="Not found", status=404, detail=str(error), request_id="r").model_dump_json()
    return 200, {}, answer.model_dump_json()


@contextmanager
def wired() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        web.add_callback(responses.GET, re.compile(rf"{re.escape(URL)}/api/stories.*"), callback=handle)
        yield web


FILTERS = {name: st.lists(st.text(PLAIN, min_size=1, max_size=12), max_size=2).map(tuple) for name in FACET_FIELDS}
REQUESTS = st.builds(
    StoryListRequest,
    **FILTERS,
    has_metric=st.sampled_from([None, True, False]),
    include_narratives=st.booleans(),
    q=st.text(PLAIN, max_size=12),
    sort=st.sampled_from(Sort),
    limit=st.integers(1, 100),
    offset=st.integers(0, 10**6),
)


@given(REQUESTS)
def test_a_request_survives_the_way_to_the_other_side(request: StoryListRequest) -> None:
    assert parsed(f"{URL}?{query_of(request)}") == request


@given(st.lists(st.text(PLAIN, min_size=1, max_size=30), min_size=1, max_size=25))
@example(["a|b", "a b", "a/b", "größe|日本", "a+b", "a,b", "a&ids=b", "100%25", ".", "..", "#"])
def test_the_ids_of_a_batch_survive_the_way_to_the_other_side(ids: list[str]) -> None:
    nothing = StoryBatch(corpus_version="v", code_version="c", stories=(), missing=(), unprocessed=())
    with responses.RequestsMock() as web, remote() as stories:
        web.add(responses.GET, f"{URL}/api/stories", body=nothing.model_dump_json())
        stories.get_stories(StoryBatchRequest(ids=tuple(ids)))
        assert batch_of(web.calls[0].request.url).ids == tuple(ids)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"limit": 100, "include_narratives": True},
        {"industries": ("Financial Services / Banking",), "has_metric": True, "sort": "client"},
        {"tags": ("generative ai",), "q": "trust"},
        {"clients": ("nobody",)},
    ],
)
def test_a_list_over_the_wire_equals_the_list_in_process(fields: dict[str, Any]) -> None:
    request = StoryListRequest(**fields)
    with wired(), remote() as stories:
        assert stories.list_stories(request).value == SAMPLE.list_stories(request)


def test_a_story_over_the_wire_equals_the_story_in_process() -> None:
    with wired(), remote() as stories:
        for story_id in sorted(load_corpus(SAMPLE_FILE).by_id)[::4]:
            detail, related = StoryRequest(id=story_id), RelatedRequest(id=story_id, limit=12)
            assert stories.get_story(detail).value == SAMPLE.get_story(detail)
            assert stories.related_stories(related).value == SAMPLE.related_stories(related)


def test_an_unknown_story_is_not_found_in_the_words_of_the_answer() -> None:
    with wired(), remote() as stories, pytest.raises(NotFound, match="No story has this id"):
        stories.get_story(StoryRequest(id="no such story"))


# The whole client, wired as the site wires it


@dataclass
class Site:
    """A stories client over the sample corpus with its own router, pool and records."""

    stage: Stage
    records: Path
    url: str = URL

    def __post_init__(self) -> None:
        self.api = ApiSession(self.url, "key", connect_timeout=1.0, read_timeout=2.0)
        self.pool = ShadowPool(workers=2, queue_size=50, timeout=5.0)
        self.recorder = Recorder(self.records, row_cap=1000)
        self.breaker = Breaker("stories", failures=3, reset=30.0)
        router = Router(
            RouterParts(FakeFlags(self.stage), {"stories": self.breaker}, self.pool, self.recorder, FakeLedger())
        )
        self.client = StoriesClient(router, SAMPLE, RemoteStories(self.api))

    def stored(self, query: str) -> list[Any]:
        assert self.pool.drain(10.0)
        assert self.recorder.flush()
        with closing(sqlite3.connect(self.records)) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def site(tmp_path: Path, stage: str, url: str = URL) -> Iterator[Site]:
    made = Site(Stage(stage), tmp_path / "records.sqlite3", url)
    try:
        yield made
    finally:
        made.pool.close()
        made.recorder.close()
        made.api.close()


@pytest.mark.parametrize(
    ("stage", "origin", "compared"),
    [("legacy", "legacy", 0), ("shadow", "legacy", 4), ("live", "lambda", 4), ("lambda", "lambda", 0)],
)
def test_all_four_calls_are_served_by_the_stages_side_recorded_and_match(
    tmp_path: Path, stage: str, origin: str, compared: int
) -> None:
    with wired(), site(tmp_path, stage) as made:
        listed = made.client.list_stories(StoryListRequest(q="swift"), "visitor")
        story_id = listed.value.cards[0].id
        detail = made.client.get_story(story_id, "visitor")
        batch = made.client.get_stories([story_id, "no such story"], "visitor")
        related = made.client.related_stories(RelatedRequest(id=story_id), "visitor")
        every = (listed, detail, batch, related)
        assert {routed.origin for routed in every} == {Origin(origin)}
        assert {(routed.stage, routed.reason, routed.fell_back) for routed in every} == {(stage, "default", False)}
        comparisons = made.stored("SELECT operation, outcome, differences FROM comparisons")
        calls = made.stored("SELECT operation, origin FROM calls ORDER BY id")
    assert sorted(operation for operation, _, _ in comparisons) == ["batch", "get", "list", "related"][:compared]
    assert {outcome for _, outcome, _ in comparisons} <= {"match"}, comparisons
    assert calls == [("list", origin), ("get", origin), ("batch", origin), ("related", origin)]


def test_live_without_an_address_is_served_by_legacy_and_says_why(tmp_path: Path) -> None:
    with site(tmp_path, "live", url="") as made:
        routed = made.client.list_stories(StoryListRequest(), "visitor")
        assert (routed.origin, routed.fell_back) == (Origin.LEGACY, True)
        assert routed.reason == "Unavailable: no address is configured for the Lambda side"
        assert made.stored("SELECT fell_back, failed FROM calls") == [(1, 0)]


def test_a_4xx_in_live_is_an_answer_and_never_falls_back(tmp_path: Path) -> None:
    with wired(), site(tmp_path, "live") as made:
        for _ in range(10):
            with pytest.raises(NotFound):
                made.client.get_story("no such story", "visitor")
        assert made.breaker.state == "closed"
        assert made.stored("SELECT DISTINCT origin, fell_back, failed FROM calls") == [("lambda", 0, 0)]


@pytest.mark.parametrize("story_id", [".", ".."])
def test_an_id_made_of_dots_cannot_open_the_circuit(tmp_path: Path, story_id: str) -> None:
    with wired(), site(tmp_path, "live") as made:
        for _ in range(5):
            with pytest.raises(NotFound):
                made.client.get_story(story_id, "visitor")
        assert made.breaker.state == "closed"


def test_repeated_failures_open_the_circuit_and_lambda_is_left_alone(tmp_path: Path) -> None:
    with responses.RequestsMock() as web, site(tmp_path, "live") as made:
        web.add(responses.GET, f"{URL}/api/stories", status=500)
        reasons = [made.client.list_stories(StoryListRequest(), "visitor").reason for _ in range(5)]
        assert len(web.calls) == 3
    assert [reason.split(":")[0] for reason in reasons] == ["Unavailable"] * 3 + ["CircuitOpen"] * 2


@pytest.mark.parametrize("story_id", ["", "x" * (MAX_ID_LENGTH + 1), "a\x00b", "a\ud800b", "a\nb"])
def test_an_id_that_no_story_can_have_is_an_invalid_request_that_names_the_field_and_not_its_value(
    tmp_path: Path, story_id: str
) -> None:
    with site(tmp_path, "legacy") as made:
        with pytest.raises(InvalidRequest) as raised:
            made.client.get_story(story_id, "visitor")
        assert [field.path for field in raised.value.fields] == ["id"]
        assert not story_id or story_id not in str(raised.value)


@pytest.mark.parametrize("ids", [[], ["a"] * 26, ["a", ""], ["é" * 1000, "é" * 400]])
def test_a_batch_beyond_its_limits_is_an_invalid_request(tmp_path: Path, ids: list[str]) -> None:
    with site(tmp_path, "legacy") as made, pytest.raises(InvalidRequest) as raised:
        made.client.get_stories(ids, "visitor")
    assert [field.path.split(".")[0] for field in raised.value.fields] == ["ids"]


def test_every_operation_is_offered_for_comparison_with_both_sides(tmp_path: Path) -> None:
    with site(tmp_path, "legacy") as made:
        operations = made.client.operations
        assert [operation.name for operation in operations] == ["list", "get", "batch", "related"]
        assert all(operation.legacy and operation.remote for operation in operations)


def test_the_bootstrap_wires_flag_file_address_and_records_of_the_settings(tmp_path: Path) -> None:
    flags = tmp_path / "flags.yaml"
    variants = {"legacy": "legacy", "lambda": "lambda"}
    flag = {"state": "ENABLED", "variants": variants, "defaultVariant": "lambda"}
    flags.write_text(yaml.safe_dump({"flags": {"stories": flag}}), "utf-8")
    settings = Settings(stories_file=SAMPLE_FILE, flags_file=flags, data_dir=tmp_path / "var", stories_api_url=URL)
    with wired(), closing(build_clients(settings)) as clients:
        routed = clients.stories.list_stories(StoryListRequest(limit=1), "visitor")
        assert (routed.origin, routed.stage) == (Origin.LAMBDA, "lambda")
        assert clients.recorder.flush()
        assert len(clients.operations("stories")) == 4
    with closing(sqlite3.connect(settings.records_file)) as connection:
        assert connection.execute("SELECT operation, origin, stage FROM calls").fetchall() == [
            ("list", "lambda", "lambda")
        ]
