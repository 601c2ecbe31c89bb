"""The conversations table: turns in their order, kept once, forgotten whole."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from contracts.conversations import MAX_PAGE_BYTES, FeedbackRequest, Rating, Turn
from lambdas.ask.conversations.deletion import forget_session
from lambdas.ask.conversations.items import (
    BY_PLACE,
    FEEDBACK,
    FORGOTTEN,
    KEY,
    LAST_ACTIVITY,
    PENDING_EXPORT,
    RATED_AT,
    SORT_KEY,
    UNEXPORTED,
    Item,
    about_key,
    place_of,
    session_key,
    turn_item,
    turn_json,
    turn_key,
    turn_of,
    verdict_of,
)
from lambdas.ask.settings import conversation_settings
from lambdas.common.aws.clients import dynamodb_client
from lambdas.common.http.problems import Conflict, NotFound

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Page:
    """Turns, oldest first, the verdicts on them, and whether there are earlier turns."""

    turns: list[Turn]
    verdicts: list[Rating]
    more: bool


class Conversations:
    """Reads are consistent: what was acknowledged is seen by the next read. `now` is in seconds since the epoch."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, now: Callable[[], float] = time.time) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def page(self, session_id: str, limit: int, before: str = "") -> Page:
        """The newest turns before a place.

        There are fewer than `limit`, but at least one, when they would not fit into an answer.
        """
        turns: list[Turn] = []
        verdicts: list[Rating] = []
        size = 0
        more = False
        for item in self._newest_first(session_id, limit + 1, before):
            body = turn_json(item)
            size += len(body)
            more = len(turns) == limit or (bool(turns) and size > MAX_PAGE_BYTES)
            if more:
                break
            turns.append(Turn.model_validate_json(body))
            verdicts += verdict_of(item)
        return Page(turns[::-1], verdicts[::-1], more)

    def context(self, session_id: str, turn_id: str, limit: int) -> list[Turn]:
        """The newest turns before a turn, or all the newest where that turn is not among them.

        A question may be asked again after its turn was kept, by a shadow call or a retry: it gets the same context.
        """
        turns = self.page(session_id, limit).turns
        for turn in turns:
            if turn.turn_id == turn_id:
                return self.page(session_id, limit, place_of(turn)).turns
        return turns

    def append(self, turn: Turn) -> bool:
        """Keep a turn; False if this very turn was kept before. Of two at once, one is first.

        Raises
        ------
        Conflict
            The session has a turn of this id with other content.
        """
        self._touch(turn.session_id)  # beforehand: a session touched for nothing harms nobody
        there = self._put(turn)
        if there is not None and there != turn:
            raise Conflict("turn already kept with other content")
        return there is None

    def record_feedback(self, feedback: FeedbackRequest) -> None:
        """Keep a verdict with its turn, unless a later one is kept.

        Raises
        ------
        NotFound
        """
        verdict = feedback.model_dump_json(exclude={"session_id", "turn_id"})
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=turn_key(feedback.session_id, feedback.turn_id),
                UpdateExpression="SET #feedback = :verdict, #at = :at",
                ConditionExpression=f"attribute_exists({KEY}) AND (attribute_not_exists(#at) OR #at <= :at)",
                ExpressionAttributeNames={"#feedback": FEEDBACK, "#at": RATED_AT},
                ExpressionAttributeValues={":verdict": {"S": verdict}, ":at": {"N": str(feedback.rated_at)}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            if "Item" in error.response:
                return  # a later verdict is there
            raise NotFound("there is no such turn") from error
        self._touch(feedback.session_id)

    def forget(self, session_id: str) -> int:
        """Delete a session's turns with their verdicts; returns how many turns there were."""
        return forget_session(self._dynamodb, self._table, session_id)

    def _newest_first(self, session_id: str, page_size: int, before: str) -> Iterator[Item]:
        earlier = f" AND {SORT_KEY} < :before" if before else ""
        values = {":session": session_key(session_id), **({":before": {"S": before}} if before else {})}
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=BY_PLACE,
            KeyConditionExpression=f"{KEY} = :session{earlier}",
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            ConsistentRead=True,
            PaginationConfig={"PageSize": page_size},
        )
        return (item for page in pages for item in page["Items"])

    def _put(self, turn: Turn) -> Turn | None:
        """Write a turn unless one of its id is there, which is returned then."""
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=turn_item(turn),
                ConditionExpression=f"attribute_not_exists({KEY})",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            return turn_of(cast("dict[str, Any]", error.response)["Item"])
        return None

    def _touch(self, session_id: str) -> None:
        """Say that something happened in a session, so that it is exported when it has been quiet for long enough.

        A deletion that was not completed no longer counts: the conversation goes on.
        """
        self._dynamodb.update_item(
            TableName=self._table,
            Key=about_key(session_id),
            UpdateExpression=f"SET {LAST_ACTIVITY} = :now, {UNEXPORTED} = :mark REMOVE {FORGOTTEN}",
            ExpressionAttributeValues={":now": {"N": str(int(self._now()))}, ":mark": {"S": PENDING_EXPORT}},
        )


@cache
def conversations() -> Conversations:
    """The conversations of this process."""
    return Conversations(dynamodb_client(), conversation_settings().table_name)
