"""The answer cache: repeated calls are answered from it, and its faults never reach an answer."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from contracts.search import SearchFilters, SearchKind, SearchRequest
from contracts.story import Story
from lambdas.common.aws import clients
from lambdas.search import answer_cache as module
from lambdas.search.answer_cache import (
    LIFETIME_SECONDS,
    MAX_BYTES,
    PAUSE_SECONDS,
    AnswerCache,
    answer_cache,
    answer_key,
)
from lambdas.search.service import SearchService
from lambdas.search.settings import SearchSettings
from tests.support.builders.search_corpora import RULES, StoreInMemory, WordEmbedder, corpus_of
from tests.support.faults.aws_clients import PatchedClient, client_error
from tests.support.servers.json_server import JsonServer, Reply
from tests.support.stacks.search import CREDENTIALS, FakeSearchStack, forget_process_state, new_search_stack

NOW = 1_800_000_000.5
STORIES = (Story(id="a", title="payments engine"), Story(id="b", title="grid maps"))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stack() -> FakeSearchStack:
    return new_search_stack()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(module, "count", names.append)
    return names


def kept(stack: FakeSearchStack, clock: Clock | None = None, dynamodb: Any = None, now: float = NOW) -> AnswerCache:
    return AnswerCache(dynamodb or stack.dynamodb, stack.cache, now=lambda: now, clock=clock or Clock())


def service(cache: AnswerCache, rules: Any = RULES) -> tuple[SearchService, WordEmbedder]:
    store: Any = StoreInMemory(corpus_of(STORIES, rules))
    embedder = WordEmbedder()
    return SearchService(store, embedder, "test", cache), embedder


def request(**fields: Any) -> SearchRequest:
    return SearchRequest(**{"query": "payments", **fields})


def test_a_repeated_call_is_answered_from_the_cache(stack: FakeSearchStack, counted: list[str]) -> None:
    searching, embedder = service(kept(stack))
    first = searching.search(SearchKind.HYBRID, request())
    assert searching.search(SearchKind.HYBRID, request()) == first
    assert embedder.embedded == ["payments"]
    assert counted == ["CacheMisses", "CacheHits"]
    assert [item["expires_at"]["N"] for item in stack.cached()] == [str(int(NOW) + LIFETIME_SECONDS)]


def test_a_shadow_call_neither_reads_nor_fills_the_cache(stack: FakeSearchStack, counted: list[str]) -> None:
    searching, embedder = service(kept(stack))
    searching.search(SearchKind.HYBRID, request(), shadow=True)
    assert not stack.cached()
    searching.search(SearchKind.HYBRID, request())
    searching.search(SearchKind.HYBRID, request(), shadow=True)
    assert len(embedder.embedded) == 3
    assert counted == ["CacheMisses"]


def test_an_expired_item_is_not_used_although_it_still_exists(stack: FakeSearchStack) -> None:
    kept(stack).answer("key", lambda: "old")
    assert kept(stack, now=NOW + LIFETIME_SECONDS - 2).answer("key", lambda: "new") == "old"
    assert kept(stack, now=NOW + LIFETIME_SECONDS).answer("key", lambda: "new") == "new"


def test_a_failed_answer_is_not_cached(stack: FakeSearchStack) -> None:
    def fail() -> str:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        kept(stack).answer("key", fail)
    assert not stack.cached()


def test_a_too_large_answer_is_not_cached(stack: FakeSearchStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.zlib, "compress", lambda data, _: data)
    assert kept(stack).answer("key", lambda: "x" * (MAX_BYTES + 1))
    assert not stack.cached()


@pytest.mark.parametrize("operation", ["get_item", "put_item"])
@pytest.mark.parametrize(
    "error", [client_error("ThrottlingException"), ReadTimeoutError(endpoint_url="https://secret")], ids=str
)
def test_a_failing_cache_is_bypassed_and_counted(
    stack: FakeSearchStack, counted: list[str], operation: str, error: Exception
) -> None:
    asked: list[str] = []

    def fail(_: Any, **__: Any) -> Any:
        asked.append(operation)
        raise error

    clock = Clock()
    cache = kept(stack, clock, PatchedClient(stack.dynamodb, operation, fail))
    for _ in range(3):
        assert cache.answer("key", lambda: "answer") == "answer"
    assert (asked, counted.count("CacheFaults")) == ([operation], 1)
    clock.now += PAUSE_SECONDS
    cache.answer("key", lambda: "answer")
    assert len(asked) == 2


@pytest.mark.parametrize(
    "item",
    [
        {"answer": {"B": b"rubbish"}, "expires_at": {"N": "9999999999"}},
        {"answer": {"S": "text"}, "expires_at": {"N": "9999999999"}},
        {"expires_at": {"N": "9999999999"}},
        {"answer": {"B": b"x"}},
    ],
)
def test_a_corrupt_item_in_the_cache_is_ignored(
    stack: FakeSearchStack, counted: list[str], item: dict[str, Any]
) -> None:
    stack.dynamodb.put_item(TableName=stack.cache, Item={"pk": {"S": "key"}, **item})
    assert kept(stack).answer("key", lambda: "answer") == "answer"
    assert "CacheFaults" in counted


def test_a_hanging_cache_times_out_and_is_bypassed(monkeypatch: pytest.MonkeyPatch, counted: list[str]) -> None:
    with JsonServer(lambda _: Reply()) as server:
        server.hanging = True
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": server.url}.items():
            monkeypatch.setenv(name, value)
        forget_process_state()
        cache = AnswerCache(clients.hurried_dynamodb_client(), "cache")
        started = time.monotonic()
        assert [cache.answer("key", lambda: "answer") for _ in range(5)] == ["answer"] * 5
        assert time.monotonic() - started < 2
    assert counted == ["CacheFaults"]
    forget_process_state()


def test_a_missing_cache_table_is_bypassed(stack: FakeSearchStack) -> None:
    cache = AnswerCache(stack.dynamodb, "nowhere")
    assert cache.answer("key", lambda: "answer") == "answer"


def test_the_cache_key_covers_everything_that_the_answer_depends_on() -> None:
    def key(kind: SearchKind = SearchKind.HYBRID, fingerprint: str = "f", code: str = "c", **fields: Any) -> str:
        return answer_key(kind, request(**fields), fingerprint, code)

    others = [
        key(SearchKind.SEMANTIC),
        key(fingerprint="g"),
        key(code="d"),
        key(query="Payments"),
        key(limit=5),
        key(offset=5),
        key(from_suggestion=True),
        key(filters=SearchFilters(tags=("a",))),
        key(filters=SearchFilters(has_metric=True)),
        key(filters=SearchFilters(include_narratives=False)),
    ]
    assert len({key(), *others}) == len(others) + 1
    assert key(filters=SearchFilters(tags=("a", "b"))) == key(filters=SearchFilters(tags=("b", "a")))
    assert len(json.dumps(key())) == 66


@pytest.mark.parametrize(
    ("use", "keys", "cached"),
    [
        ("auto", {}, False),
        ("auto", {"openai_api_key": "k"}, True),
        ("auto", {"pinecone_api_key": "k"}, True),
        ("always", {}, True),
        ("never", {"openai_api_key": "k"}, False),
    ],
)
def test_setting_and_keys_decide_whether_answers_are_cached(
    use: str, keys: dict[str, str], cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "hurried_dynamodb_client", lambda: None)
    names = {"table_name": "t", "index_bucket": "b", "cache_table": "c", "answer_cache": use}
    assert (answer_cache(SearchSettings.model_validate({**names, **keys})) is not None) == cached
