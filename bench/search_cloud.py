"""Measures search through the local cloud: the overhead of the cloud, and the time of a cold start."""

import hashlib
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

from bench.search_worker import Call, in_turns, sample_queries, service_over
from contracts.search import SearchKind, SearchRequest
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.index.snapshot import load_snapshot
from lambdas.common.models.embeddings import WordLlamaEmbedder
from lambdas.local.launcher import Cloud, running_cloud
from lambdas.search.ingest.job import INDEXES
from lambdas.search.pointer import Pointer
from operations.stack.local_stack import Stacks, stacks_of

_KEY: Final = "bench-key"
_TEMPLATE: Final = Path(__file__).resolve().parent.parent / "lambdas" / "search" / "template.yaml"
_FUNCTION: Final = "HybridSearchFunction"
_FETCHED: Final = Path(tempfile.gettempdir()) / "search-indexes"  # where the functions keep what they fetched


def over_loopback(file: Path) -> float:
    """Extra seconds of a hybrid search through the local cloud relative to this process."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    service = service_over(load_snapshot(file, sha256), WordLlamaEmbedder())
    with _serving(file, sha256) as cloud:
        remote = _Caller(cloud.url)
        calls: dict[str, Call] = {
            "here": lambda query: service.search(SearchKind.HYBRID, SearchRequest(query=query)),
            "there": remote,
        }
        found = in_turns(calls, sample_queries())
    return found["there"] - found["here"]


def cold_starts(file: Path) -> dict[str, float]:
    """Seconds to the first answer of a new process, with and without the index on its disk."""
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with _serving(file, sha256) as cloud:
        found = {}
        for name in ("fetching the index", "with the index on its disk"):
            cloud.kill(_FUNCTION)
            remote = _Caller(cloud.url)
            started = time.perf_counter()
            remote("banking transformation")
            found[name] = time.perf_counter() - started
    return found


class _Caller:
    """Posts queries on one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)

    def __call__(self, query: str) -> None:
        body = json.dumps({"query": query})
        self._connection.request("POST", "/api/search/hybrid", body, {"X-Api-Key": _KEY})
        response = self._connection.getresponse()
        text = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"hybrid search answered {response.status}: {text!r}")


@contextmanager
def _serving(file: Path, sha256: str) -> Iterator[Cloud]:
    """The search stack alone, with a prebuilt index."""
    with running_cloud([_TEMPLATE], env={"API_KEY": _KEY}) as cloud:
        stack = stacks_of(cloud)
        _publish(stack, file, sha256)
        try:
            yield cloud
        finally:
            (_FETCHED / f"{sha256}.safetensors").unlink(missing_ok=True)


def _publish(stack: Stacks, file: Path, sha256: str) -> None:
    key = f"{INDEXES}{sha256}.safetensors"
    _client(stack, "s3").upload_file(str(file), stack.output("search", "IndexBucket"), key)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    pointer = Pointer("0123456789abcdef", sha256, key, sha256, 0, now)
    PointerItem(_client(stack, "dynamodb"), stack.output("search", "TableName"), Pointer).compare_and_set(pointer, None)


def _client(stack: Stacks, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service,
        endpoint_url=stack.endpoint(service),
        region_name=stack.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(s3={"addressing_style": "path"}),
    )
