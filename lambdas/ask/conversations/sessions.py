"""Which sessions the table holds, for the maintainer: no function tells it, since who knows an id may read."""

from typing import TYPE_CHECKING

from lambdas.ask.conversations.items import KEY, SESSION, SORT, TURN

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def list_sessions(dynamodb: "DynamoDBClient", table: str) -> list[str]:
    """Ids of the sessions that have a turn, in order. The whole table is read.

    Raises
    ------
    BotoCoreError, ClientError
    """
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=f"begins_with({SORT}, :turn)",
        ExpressionAttributeValues={":turn": {"S": TURN}},
        ProjectionExpression=KEY,
        ConsistentRead=True,
    )
    return sorted({item[KEY]["S"].removeprefix(SESSION) for page in pages for item in page["Items"]})
