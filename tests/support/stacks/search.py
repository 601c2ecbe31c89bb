"""A search stack on a moto server: tables and a bucket of its own for every test."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from contracts.story import Story
from lambdas.common.aws import clients
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http import handler
from lambdas.common.models.embeddings import Embedder
from lambdas.search.ingest.job import IngestReport, SearchTarget, ingest
from lambdas.search.nonsense_rules import NonsenseRule
from lambdas.search.pointer import Pointer
from lambdas.search.service import search_service
from lambdas.search.settings import search_settings
from lambdas.search.store import search_store
from tests.support.builders.search_corpora import RULES, WordEmbedder
from tests.support.stacks.stories import moto_endpoint

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
_numbers = itertools.count(1)


@dataclass
class FakeSearchStack:
    """The tables, the bucket, and clients that reach them; `now` is what an ingest takes for the time."""

    dynamodb: Any
    s3: Any
    table: str
    cache: str
    bucket: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def target(self, **changes: Any) -> SearchTarget:
        fields = {"dynamodb": self.dynamodb, "s3": self.s3, "table": self.table, "bucket": self.bucket, "now": self.now}
        return SearchTarget(**{**fields, **changes})

    def ingest(
        self,
        *stories: Story,
        embedder: Embedder | None = None,
        rules: Sequence[NonsenseRule] = RULES,
        on_progress: Callable[[int, int, str], None] = lambda *_: None,
        **changes: Any,
    ) -> IngestReport:
        return ingest(stories, embedder or WordEmbedder(), rules, self.target(**changes), on_progress)

    def pointer(self) -> Pointer:
        return PointerItem(self.dynamodb, self.table, Pointer).read()

    def served(self) -> str:
        return self.pointer().corpus_version

    def indexes(self) -> set[str]:
        return {item["Key"] for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])}

    def cached(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.dynamodb.scan(TableName=self.cache)["Items"]
        return found

    def environment(self) -> dict[str, str]:
        """What the template and the runtime set for the functions of this stack."""
        names = {"TABLE_NAME": self.table, "INDEX_BUCKET": self.bucket, "CACHE_TABLE": self.cache}
        return {**CREDENTIALS, **names, "AWS_ENDPOINT_URL": moto_endpoint(), "CODE_VERSION": "test"}


def new_search_stack() -> FakeSearchStack:
    number = next(_numbers)
    stack = FakeSearchStack(
        _client("dynamodb"), _client("s3"), f"search-{number}", f"search-cache-{number}", f"indexes-{number}"
    )
    for table in (stack.table, stack.cache):
        stack.dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
    stack.s3.create_bucket(Bucket=stack.bucket)
    return stack


def forget_process_state() -> None:
    """What a new function process starts without: settings, clients and everything loaded."""
    for cached in (handler._settings, search_settings, search_service, search_store):
        cached.cache_clear()
    for made in (clients._session, clients.dynamodb_client, clients.hurried_dynamodb_client, clients.s3_client):
        made.cache_clear()


def _client(service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=moto_endpoint(),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
