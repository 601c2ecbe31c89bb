"""An industries stack on a moto server: a table of its own for every test."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from contracts.story import Story
from lambdas.common.aws.version_pointer import PointerItem
from lambdas.common.http.handler import _settings
from lambdas.common.ingest.target import TableTarget
from lambdas.industries.ingest.job import IngestReport, ingest
from lambdas.industries.pointer import POINTER, Pointer
from lambdas.industries.service import industry_service
from lambdas.industries.settings import industries_settings
from lambdas.industries.store import answer_store
from tests.support.stacks.stories import moto_endpoint

EMBEDDER = "test-embedder"
_numbers = itertools.count(1)


@dataclass
class FakeIndustriesStack:
    """The table and a client that reaches it; `now` is what an ingest takes for the time."""

    dynamodb: Any
    table: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def target(self, **changes: Any) -> TableTarget:
        return TableTarget(**{"dynamodb": self.dynamodb, "table": self.table, "now": self.now, **changes})

    def ingest(self, *stories: Story, **changes: Any) -> IngestReport:
        return ingest(stories, EMBEDDER, self.target(**changes), lambda *_: None)

    def pointer(self) -> Pointer:
        return PointerItem(self.dynamodb, self.table, Pointer).read()

    def keys(self) -> set[tuple[str, str]]:
        items = self.dynamodb.scan(TableName=self.table)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]) for item in items}

    def editions(self) -> set[str]:
        return {edition for edition, _ in self.keys()} - {POINTER}

    def names(self, edition: str) -> set[str]:
        return {name for found, name in self.keys() if found == edition}

    def delete(self, edition: str, name: str) -> None:
        self.dynamodb.delete_item(TableName=self.table, Key={"pk": {"S": edition}, "sk": {"S": name}})

    def environment(self) -> dict[str, str]:
        """What the template sets for the functions of this stack."""
        return {"TABLE_NAME": self.table, "CODE_VERSION": "test"}


def new_industries_stack() -> FakeIndustriesStack:
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=moto_endpoint(),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    stack = FakeIndustriesStack(dynamodb, f"industries-{next(_numbers)}")
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    dynamodb.create_table(
        TableName=stack.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    )
    return stack


def forget_process_state() -> None:
    """What a new function process starts without: settings and everything loaded."""
    for cached in (_settings, industries_settings, industry_service, answer_store):
        cached.cache_clear()
