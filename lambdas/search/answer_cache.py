"""The answer cache: answers of the last hour, keyed by request, corpus version and code version.

After a failure the cache is bypassed for a while, so that a slow or missing table delays no answer.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from contracts.rules.embedding_service import LOCAL
from contracts.search import SearchKind, SearchRequest
from lambdas.common.aws.clients import hurried_dynamodb_client
from lambdas.common.observability import count, logger
from lambdas.search.settings import CacheUse, SearchSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIFETIME_SECONDS: Final = 3600
PAUSE_SECONDS: Final = 10.0
MAX_BYTES: Final = 380 * 1024  # DynamoDB takes items of 400 KB, keys and names included


class AnswerCache:
    """Answers in a table with the key `pk` and the expiry `expires_at`, in seconds since the epoch.

    `dynamodb` needs short time-outs, because a visitor waits for it.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        table: str,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now
        self._clock = clock
        self._paused_until = 0.0

    def answer(self, key: str, compute: Callable[[], str], keep: Callable[[str], bool] = lambda _: True) -> str:
        """The cached answer under `key`, else the computed one, which is cached if `keep` returns True for it."""
        found = self._guarded(lambda: self._find(key))
        if found is not None:
            count("CacheHits")
            return found
        answer = compute()
        if keep(answer):
            self._guarded(lambda: self._keep(key, answer))
        return answer

    def _guarded(self, attempt: Callable[[], str | None]) -> str | None:
        if self._clock() < self._paused_until:
            return None
        try:
            return attempt()
        except (BotoCoreError, ClientError, KeyError, ValueError, zlib.error) as error:
            self._paused_until = self._clock() + PAUSE_SECONDS
            count("CacheFaults")
            logger.warning("the answer cache is left alone", extra={"seconds": PAUSE_SECONDS}, exc_info=error)
            return None

    def _find(self, key: str) -> str | None:
        item = self._dynamodb.get_item(TableName=self._table, Key={"pk": {"S": key}}).get("Item")
        if item is None or int(item["expires_at"]["N"]) <= self._now():  # DynamoDB deletes expired items hours later
            return None
        return zlib.decompress(item["answer"]["B"]).decode()

    def _keep(self, key: str, answer: str) -> None:
        count("CacheMisses")
        packed = zlib.compress(answer.encode(), 1)
        if len(packed) > MAX_BYTES:
            return
        expires_at = int(self._now()) + LIFETIME_SECONDS
        item: dict[str, Any] = {"pk": {"S": key}, "answer": {"B": packed}, "expires_at": {"N": str(expires_at)}}
        self._dynamodb.put_item(TableName=self._table, Item=item)


def answer_cache(settings: SearchSettings) -> AnswerCache | None:
    """The cache of this process; None if answers are not cached."""
    embeds = settings.openai_api_key.get_secret_value() or settings.embeddings_api_key.get_secret_value()
    embeds_remotely = (embeds or settings.embeddings_base_url) and settings.embeddings_model != LOCAL
    remote = embeds_remotely or settings.pinecone_api_key.get_secret_value()
    if settings.answer_cache is CacheUse.NEVER or (settings.answer_cache is CacheUse.AUTO and not remote):
        return None
    return AnswerCache(hurried_dynamodb_client(), settings.cache_table)


def answer_key(kind: SearchKind, request: SearchRequest, fingerprint: str, code_version: str) -> str:
    """Key of an answer. The order in which filters list their values does not matter; the index's fingerprint
    stands for corpus, embedder, rules and format."""
    asked = request.model_dump(mode="json")
    asked["filters"] = {
        field: sorted(value) if isinstance(value, list) else value for field, value in asked["filters"].items()
    }
    what = json.dumps([kind, asked, fingerprint, code_version], sort_keys=True)
    return hashlib.sha256(what.encode()).hexdigest()
