"""An index that is damaged or gone: the Lambda side says 503, and in `live` the visitor is answered by legacy."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from backend_clients.routed import Origin
from contracts.search import SearchKind, SearchRequest
from operations.stack.local_stack import aws_client, stacks_of
from tests.support.stacks.cloud import KEY, Both, both_sides

FUNCTIONS = {"semantic": "SemanticSearchFunction", "keyword": "KeywordSearchFunction", "hybrid": "HybridSearchFunction"}
REQUEST = SearchRequest(query="banking transformation")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("live")
    # With a disk of their own the functions find no index that others fetched.
    with both_sides(folder, variables={"TMPDIR": str(folder)}, breaker_failures=100) as both:
        both.put("search", "live")
        deadline = time.monotonic() + 10
        while both.clients.flags.stage("search", "v").stage != "live":
            assert time.monotonic() < deadline, "the flag was not read again"
            time.sleep(0.05)
        yield both


@pytest.fixture(params=["damaged", "gone"])
def lost(live: Both, request: pytest.FixtureRequest) -> Iterator[Both]:
    stack = stacks_of(live.cloud)
    s3, bucket = aws_client(stack, "s3"), stack.output("search", "IndexBucket")
    (key,) = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    whole = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    if request.param == "damaged":
        s3.put_object(Bucket=bucket, Key=key, Body=whole[:-8] + b"\0damaged")
    else:
        s3.delete_object(Bucket=bucket, Key=key)
    forget(live)
    yield live
    s3.put_object(Bucket=bucket, Key=key, Body=whole)
    forget(live)


def test_the_functions_report_it_and_reads_fall_back_to_legacy(lost: Both) -> None:
    expected = lost.clients.operations("search")
    for kind in SearchKind:
        status, problem = posted(lost, kind)
        assert (status, problem["status"], problem["title"]) == (503, 503, "Service Unavailable")
        routed = lost.clients.search.search(kind, REQUEST, "v")
        assert (routed.origin, routed.fell_back, routed.stage.value) == (Origin.LEGACY, True, "live")
        legacy = next(item.legacy for item in expected if item.name == kind.value)
        assert routed.value == legacy(REQUEST)
        assert routed.value.hits


def test_an_index_that_is_back_is_served_again(live: Both) -> None:
    routed = live.clients.search.search(SearchKind.HYBRID, REQUEST, "v")
    assert (routed.origin, routed.fell_back) == (Origin.LAMBDA, False)


def forget(live: Both) -> None:
    """End the functions' processes and empty their disk."""
    for name in FUNCTIONS.values():
        live.cloud.kill(name)
    for file in live.flags.parent.glob("search-indexes/*"):
        Path(file).unlink()


def posted(live: Both, kind: SearchKind) -> tuple[int, Any]:
    answer = requests.post(
        f"{live.cloud.url}/api/search/{kind}", json={"query": "banking"}, headers={"X-Api-Key": KEY}, timeout=30
    )
    return answer.status_code, answer.json()
