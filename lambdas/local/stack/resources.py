"""Creates the tables, buckets, queues, buses, rules and secrets of a template through boto3."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"  # moto's
SHORTEST_API_KEY = 20
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """A created resource: its type, the value of `Ref`, the values of `GetAtt`."""

    kind: str
    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Aws:
    """Clients of the moto server; `AWS_ENDPOINT_URL_DYNAMODB` replaces the endpoint of DynamoDB."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.dynamodb_endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or endpoint
        self.region = region
        self._session = boto3.Session(region_name=region)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            endpoint = self.dynamodb_endpoint if service == "dynamodb" else self.endpoint
            self._clients[service] = self._session.client(  # type: ignore[call-overload]
                service, endpoint_url=endpoint, config=Config(proxies={}), **CREDENTIALS
            )
        return self._clients[service]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}"


def make(aws: Aws, kind: str, default_name: str, properties: Properties) -> Resource:
    """Create one resource of a type in `MAKERS`."""
    reference, attributes = MAKERS[kind](aws, default_name, properties)
    return Resource(kind, reference, attributes)


Made = tuple[str, Mapping[str, str]]


def _table(aws: Aws, default_name: str, properties: Properties) -> Made:
    client = aws.client("dynamodb")
    name = properties.get("TableName", default_name)
    known = client.meta.service_model.operation_model("CreateTable").input_shape.members
    request = {key: value for key, value in properties.items() if key in known and key != "SSESpecification"}
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {"StreamEnabled": True, **request["StreamSpecification"]}
    throughput = {} if "ProvisionedThroughput" in request else {"BillingMode": "PAY_PER_REQUEST"}
    with suppress(client.exceptions.ResourceInUseException):  # DynamoDB Local keeps its tables
        client.create_table(**{**throughput, **request, "TableName": name})
    if ttl := properties.get("TimeToLiveSpecification"):
        with suppress(client.exceptions.ClientError):  # ... and rejects enabling a TTL twice
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    described = client.describe_table(TableName=name)["Table"]
    return name, {"Arn": described["TableArn"], "StreamArn": described.get("LatestStreamArn", "")}


def _bucket(aws: Aws, default_name: str, properties: Properties) -> Made:
    name = properties.get("BucketName", default_name.lower())
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    aws.client("s3").create_bucket(Bucket=name, **({} if aws.region == "us-east-1" else elsewhere))
    return name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com"}


def _queue(aws: Aws, default_name: str, properties: Properties) -> Made:
    name = properties.get("QueueName", default_name)
    attributes = {k: _attribute(v) for k, v in properties.items() if k not in ("QueueName", "Tags")}
    url = aws.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, {"Arn": aws.arn("sqs", name), "QueueName": name, "QueueUrl": url}


def _attribute(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _bus(aws: Aws, default_name: str, properties: Properties) -> Made:
    name = properties.get("Name", default_name)
    aws.client("events").create_event_bus(Name=name)
    return name, {"Arn": aws.arn("events", f"event-bus/{name}"), "Name": name}


def _rule(aws: Aws, default_name: str, properties: Properties) -> Made:
    client = aws.client("events")
    name = properties.get("Name", default_name)
    bus = {key: value for key, value in properties.items() if key == "EventBusName"}
    known = client.meta.service_model.operation_model("PutRule").input_shape.members
    request = {key: value for key, value in properties.items() if key in known}
    if "EventPattern" in request:
        request["EventPattern"] = _attribute(request["EventPattern"])
    arn = client.put_rule(**{**request, "Name": name})["RuleArn"]
    if targets := properties.get("Targets"):
        client.put_targets(Rule=name, Targets=targets, **bus)
    return name, {"Arn": arn}


def _secret(aws: Aws, default_name: str, properties: Properties) -> Made:
    arn = make_secret(aws, properties.get("Name", default_name), properties.get("SecretString", "local"))
    return arn, {"Id": arn}


def make_secret(aws: Aws, name: str, value: str) -> str:
    """A secret of Secrets Manager; returns its ARN."""
    return str(aws.client("secretsmanager").create_secret(Name=name, SecretString=value)["ARN"])


def make_api_key(aws: Aws, name: str, value: str) -> str:
    """A key of API Gateway; returns its id, "" for a value that is too short for AWS."""
    if len(value) < SHORTEST_API_KEY:
        return ""
    return str(aws.client("apigateway").create_api_key(name=name, value=value, enabled=True)["id"])


MAKERS: dict[str, Callable[[Aws, str, Properties], Made]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::Events::EventBus": _bus,
    "AWS::Events::Rule": _rule,
    "AWS::SecretsManager::Secret": _secret,
}
