"""A stories stack on a moto server: a table and a bucket of its own for every test."""

import atexit
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from contracts.story import Story
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http.handler import _settings
from lambdas.common.ingest.target import SnapshotTarget
from lambdas.stories.ingest.job import IngestReport, ingest
from lambdas.stories.pointer import Pointer
from lambdas.stories.service import story_service
from lambdas.stories.settings import stories_settings
from lambdas.stories.store import story_store

EMBEDDER = "test-embedder"
_numbers = itertools.count(1)


@cache
def moto_endpoint() -> str:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    atexit.register(server.stop)
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


@dataclass
class FakeStack:
    """The table, the bucket, and clients that reach them; `now` is what an ingest takes for the time."""

    dynamodb: Any
    s3: Any
    table: str
    bucket: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def target(self, **changes: Any) -> SnapshotTarget:
        fields = {"dynamodb": self.dynamodb, "s3": self.s3, "table": self.table, "bucket": self.bucket, "now": self.now}
        return SnapshotTarget(**{**fields, **changes})

    def ingest(self, *stories: Story, **changes: Any) -> IngestReport:
        return ingest(stories, EMBEDDER, self.target(**changes), lambda *_: None)

    def pointer(self) -> Pointer:
        return PointerItem(self.dynamodb, self.table, Pointer).read()

    def keys(self) -> set[str]:
        return {item["pk"]["S"] for item in self.dynamodb.scan(TableName=self.table)["Items"]}

    def bodies(self) -> set[str]:
        return {key for key in self.keys() if "#" not in key}

    def listings(self) -> set[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {item["Key"] for item in found}

    def environment(self) -> dict[str, str]:
        """What the template sets for the functions of this stack."""
        return {"TABLE_NAME": self.table, "LISTING_BUCKET": self.bucket, "CODE_VERSION": "test"}


@cache
def _client(service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=moto_endpoint(),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def new_stack() -> FakeStack:
    dynamodb, s3, number = _client("dynamodb"), _client("s3"), next(_numbers)
    stack = FakeStack(dynamodb, s3, f"stories-{number}", f"listings-{number}")
    dynamodb.create_table(
        TableName=stack.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    s3.create_bucket(Bucket=stack.bucket)
    return stack


def forget_process_state() -> None:
    """What a new function process starts without: settings, and everything loaded."""
    for cached in (_settings, stories_settings, story_service, story_store):
        cached.cache_clear()
