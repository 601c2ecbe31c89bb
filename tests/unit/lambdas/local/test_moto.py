"""The moto server keeps DynamoDB's limits, and no web page of another origin reaches it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from lambdas.local.moto import MotoProcess

PAGE = "https://page.example.com"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    moto = MotoProcess(0)
    try:
        yield moto.url()
    finally:
        moto.stop()


@pytest.fixture(scope="module")
def dynamodb(endpoint: str) -> Any:
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    client = boto3.client("dynamodb", endpoint_url=endpoint, region_name="us-east-1", **credentials)
    client.create_table(
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    return client


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": PAGE},
        {"Origin": "null"},
        {"Host": "page.example.com"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_of_another_origin_is_turned_away(endpoint: str, method: str, headers: dict[str, str]) -> None:
    answer = requests.request(method, f"{endpoint}/?Action=ListQueues", headers=headers, timeout=10)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_its_own_pages_and_programs_are_served(endpoint: str, dynamodb: Any) -> None:
    own = requests.get(f"{endpoint}/moto-api/", headers={"Sec-Fetch-Site": "none"}, timeout=10)

    assert own.status_code == 200
    assert "items" in dynamodb.list_tables()["TableNames"]


def large(size: int) -> dict[str, Any]:
    return {"pk": {"S": "large"}, "body": {"B": b"x" * size}}


def test_an_item_over_400_kilobytes_is_refused(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="items", Item=large(399_000))

    with pytest.raises(ClientError, match="Item size has exceeded the maximum allowed size"):
        dynamodb.put_item(TableName="items", Item=large(410_000))
    with pytest.raises(ClientError, match="Item size has exceeded the maximum allowed size"):
        dynamodb.batch_write_item(RequestItems={"items": [{"PutRequest": {"Item": large(410_000)}}]})
    with pytest.raises(ClientError, match="Item size to update has exceeded the maximum allowed size"):
        dynamodb.update_item(
            TableName="items",
            Key={"pk": {"S": "large"}},
            UpdateExpression="SET more = :more",
            ExpressionAttributeValues={":more": {"B": b"x" * 50_000}},
        )


def test_batches_over_the_limits_are_refused(dynamodb: Any) -> None:
    puts = [{"PutRequest": {"Item": {"pk": {"S": str(number)}}}} for number in range(26)]
    with pytest.raises(ClientError, match="Too many items requested"):
        dynamodb.batch_write_item(RequestItems={"items": puts})
    with pytest.raises(ClientError):
        dynamodb.batch_get_item(RequestItems={"items": {"Keys": [{"pk": {"S": str(n)}} for n in range(101)]}})


def test_a_batch_over_16_megabytes_is_read_in_part(dynamodb: Any) -> None:
    keys = [{"pk": {"S": f"part-{number}"}} for number in range(45)]
    for key in keys:
        dynamodb.put_item(TableName="items", Item={**key, "body": {"B": b"x" * 390_000}})

    answer = dynamodb.batch_get_item(RequestItems={"items": {"Keys": keys}})

    read, left = answer["Responses"]["items"], answer["UnprocessedKeys"]["items"]["Keys"]
    assert len(read) + len(left) == len(keys)
    assert left
