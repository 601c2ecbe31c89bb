"""Limits the model tokens of a day with one counter in a table, shared by all processes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DAY: Final = "%Y-%m-%d"


@dataclass(frozen=True)
class Taken:
    """Tokens taken from the budget of a day (UTC)."""

    day: str
    tokens: int


class TokenBudget:
    """Counts in items of `pk` "tokens#<day>". `daily` is None for no limit."""

    def __init__(
        self, dynamodb: "DynamoDBClient", table: str, daily: int | None, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._daily = daily
        self._now = now

    def take(self, tokens: int) -> Taken | None:
        """Reserve tokens before they are used; None if the day's budget is used up.

        The last one to take may exceed the budget, and only that one, however many take at once.
        """
        taken = Taken(time.strftime(_DAY, time.gmtime(self._now())), tokens)
        if self._daily is None:
            return taken
        try:
            self._add(taken.day, tokens, below=self._daily)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return taken

    def settle(self, taken: Taken, used: int) -> None:
        """Correct a reservation to the tokens used. A failure is logged and does not fail the answer."""
        if self._daily is None or used == taken.tokens:
            return
        try:
            self._add(taken.day, used - taken.tokens)
        except (BotoCoreError, ClientError) as error:
            logger.error("token budget not settled", extra={"tokens": used - taken.tokens}, exc_info=error)

    def _add(self, day: str, tokens: int, below: int | None = None) -> None:
        condition: dict[str, Any] = {}
        values = {":tokens": {"N": str(tokens)}}
        if below is not None:
            # An absent counter stands at 0, which is below any budget but none at all.
            absent = "attribute_not_exists(#used) OR " if below > 0 else ""
            condition = {"ConditionExpression": f"{absent}#used < :below"}
            values[":below"] = {"N": str(below)}
        self._dynamodb.update_item(
            TableName=self._table,
            Key={"pk": {"S": f"tokens#{day}"}, "sk": {"S": "used"}},
            UpdateExpression="ADD #used :tokens",
            ExpressionAttributeNames={"#used": "used"},
            ExpressionAttributeValues=values,
            **condition,
        )
