"""An ask stack on a moto server: the template's table and a bucket of their own for every test."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.ask import AnswerMode, Modes, Source
from contracts.conversations import Turn
from lambdas.ask.answers.answer_writer import AnswerWriter
from lambdas.ask.answers.grounding_context import GroundingContextReader
from lambdas.ask.conversations.service import conversation_service
from lambdas.ask.conversations.store import Conversations, conversations
from lambdas.ask.export.job import Export, export
from lambdas.ask.export.progress import ExportLog
from lambdas.ask.rerank_service import rerank_service
from lambdas.ask.retrieval.retriever import Retrieval
from lambdas.ask.retrieval.search_client import SearchApi, search_api
from lambdas.ask.retrieval.stories_client import StoriesApi, stories_api
from lambdas.ask.retrieval.story_cache import StoryCache
from lambdas.ask.role_match_service import role_match_service
from lambdas.ask.service import AnswerService, answer_service
from lambdas.ask.settings import conversation_settings, export_settings, search_api_settings, stories_api_settings
from lambdas.common.http.handler import _settings
from lambdas.common.http.service_client import ServiceClient
from lambdas.common.models.llm import ChatModel, model_settings
from lambdas.common.models.token_budget import TokenBudget
from lambdas.local.stack.template import read_templates
from tests.support.servers.model_server import MODEL, ModelServer
from tests.support.stacks.ask_apis import FakeApis
from tests.support.stacks.stories import _client

TEMPLATE = Path(__file__).resolve().parents[3] / "lambdas" / "ask" / "template.yaml"
SESSION = "session-0123456789"
_NOT_IN_A_REQUEST = ("PointInTimeRecoverySpecification", "SSESpecification", "TimeToLiveSpecification")
_numbers = itertools.count(1)


@dataclass
class Clock:
    """What the stack takes for the time, in seconds since the epoch."""

    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class FakeAskStack:
    """The table, the bucket, and clients that reach them."""

    dynamodb: Any
    s3: Any
    table: str
    bucket: str
    clock: Clock

    @property
    def kept(self) -> Conversations:
        return Conversations(self.dynamodb, self.table, self.clock)

    def export(self, dynamodb: Any = None, s3: Any = None) -> Export:
        return Export(ExportLog(dynamodb or self.dynamodb, self.table), s3 or self.s3, self.bucket, self.clock)

    def items(self) -> list[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table)
        return [item for page in pages for item in page["Items"]]

    def budget(self, daily: int | None) -> TokenBudget:
        return TokenBudget(self.dynamodb, self.table, daily, self.clock)

    def answers(self, apis: FakeApis, author: AnswerWriter | None = None, read_seconds: float = 2.0) -> AnswerService:
        """The service as a function's process would build it."""
        stories = stories_of(apis, read_seconds)
        search = SearchApi(ServiceClient("search", apis.url, "search-key", read_seconds))
        return AnswerService(self.kept, Retrieval(search, stories), stories, author, "test")

    def author(self, apis: FakeApis, model: ModelServer, daily: int | None = None) -> AnswerWriter:
        return AnswerWriter(
            ChatModel("sk-test", model.url, MODEL), self.budget(daily), GroundingContextReader(stories_of(apis))
        )

    def environment(self) -> dict[str, str]:
        """What the template sets for the functions of this stack, but for the addresses of others."""
        return {"TABLE_NAME": self.table, "EXPORT_BUCKET": self.bucket, "CODE_VERSION": "test"}


def stories_of(apis: FakeApis, read_seconds: float = 2.0) -> StoriesApi:
    return StoriesApi(ServiceClient("stories", apis.url, "stories-key", read_seconds), StoryCache())


def new_ask_stack() -> FakeAskStack:
    dynamodb, s3, number = _client("dynamodb"), _client("s3"), next(_numbers)
    stack = FakeAskStack(dynamodb, s3, f"conversations-{number}", f"conversation-exports-{number}", Clock())
    properties = read_templates([TEMPLATE])[0].properties("ConversationsTable")
    request = {name: value for name, value in properties.items() if name not in _NOT_IN_A_REQUEST}
    dynamodb.create_table(TableName=stack.table, **request)
    s3.create_bucket(Bucket=stack.bucket)
    s3.put_bucket_versioning(Bucket=stack.bucket, VersioningConfiguration={"Status": "Enabled"})
    return stack


def forget_process_state() -> None:
    """What a new function process starts without: settings, and everything loaded."""
    for cached in (
        *(_settings, conversation_settings, export_settings, search_api_settings, stories_api_settings),
        *(
            model_settings,
            conversations,
            conversation_service,
            rerank_service,
            role_match_service,
            answer_service,
            search_api,
            stories_api,
        ),
        export,
    ):
        cached.cache_clear()


def turn(number: int = 1, session_id: str = SESSION, **changes: Any) -> Turn:
    """A turn that was asked `number` seconds after the epoch."""
    fields: dict[str, Any] = {
        "session_id": session_id,
        "turn_id": f"turn-{number:08d}",
        "asked_at": number * 1000,
        "question": f"What about payments, number {number}?",
        "answer": f"An answer, number {number}. [1]",
        "mode": AnswerMode.NARRATIVE,
        "modes": Modes(narrative=f"An answer, number {number}. [1]", key_points="- points", deep_dive="### deep"),
        "sources": (Source(number=1, id="a|acme", title="A", client="Acme", match=80),),
    }
    return Turn(**{**fields, **changes})
