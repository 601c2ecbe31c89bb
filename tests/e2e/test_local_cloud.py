"""The local cloud as a whole: real processes, real HTTP, a real moto server."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

import boto3
import psutil
import pytest
import requests

from backend_clients.http.signing import SignedRequests
from lambdas.local.launcher import Cloud, CloudError, running_cloud
from lambdas.local.moto import MotoProcess
from lambdas.local.options import api_key_of

ROOT = Path(__file__).parents[2]
STACKS = ROOT / "tests" / "support" / "stacks"
SHOP = STACKS / "sam_shop" / "template.yaml"
AUDIT = STACKS / "sam_audit" / "template.yaml"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with running_cloud([SHOP, AUDIT], parameters={"Greeting": "good day"}) as running:
        yield running


class Answer:
    """A response, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call(cloud: Cloud, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Send the path exactly as it is given."""
    sent = {"x-api-key": cloud.key_of("sam-shop"), **{name.replace("_", "-"): value for name, value in headers.items()}}
    with closing(http.client.HTTPConnection(urlsplit(cloud.url).netloc, timeout=30)) as connection:
        connection.request(method, path, body, sent)
        return Answer(connection.getresponse())


def aws(service: str, endpoint: str) -> Any:
    credentials = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **credentials)


def eventually(probe: Callable[[], Any], seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


# What reaches a function


@pytest.mark.parametrize("identifier", ["a/b|c d", "é漢😀", "100%25", "..", "a+b&c=d?e#f", "%2F", "title|client"])
def test_an_identifier_arrives_as_it_was_sent(cloud: Cloud, identifier: str) -> None:
    sent = quote(identifier, safe="")
    answer = call(cloud, "GET", f"/items/{sent}?x=1")

    event = answer.json["event"]
    assert event["pathParameters"] == {"id": sent}
    assert event["path"] == f"/items/{sent}"
    assert event["requestContext"]["resourcePath"] == "/items/{id}"


def test_query_headers_and_body_arrive(cloud: Cloud) -> None:
    answer = call(cloud, "POST", "/items?tag=a&tag=b%20c&empty=", '{"é": 1}'.encode(), X_Tag="t", Expect="100-continue")

    event = answer.json["event"]
    assert event["multiValueQueryStringParameters"] == {"tag": ["a", "b c"], "empty": [""]}
    assert event["queryStringParameters"] == {"tag": "b c", "empty": ""}
    assert event["headers"]["X-Tag"] == "t"
    assert (event["body"], event["isBase64Encoded"]) == ('{"é": 1}', False)


def test_a_function_finds_lambdas_environment(cloud: Cloud) -> None:
    seen = call(cloud, "GET", "/items/1").json

    environment = seen["environment"]
    stack = cloud.stacks["sam-shop"]
    assert environment["GREETING"] == "good day"
    assert environment["AUDIT_URL"] == f"{cloud.url}/audit"
    assert environment["AUDIT_KEY"] == cloud.key_of("audit")
    assert environment["SELF"] == f"{cloud.url}/items"
    assert environment["TABLE"] == stack["resources"]["Items"]
    assert environment["BUS"] == "sam-shop-bus"
    assert environment["AWS_ENDPOINT_URL"] == cloud.aws_endpoint
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == stack["functions"]["EchoFunction"]
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["_HANDLER"] == "echo.handler"
    assert environment["POWERTOOLS_TRACE_DISABLED"] == "1"
    assert "PYTEST_CURRENT_TEST" not in environment
    assert seen["arn"].endswith(f":function:{stack['functions']['EchoFunction']}")
    assert 0 < seen["remaining_ms"] <= 5000


def test_an_implicit_api_has_its_own_stage_and_no_key(cloud: Cloud) -> None:
    answer = call(cloud, "GET", "/audit", x_api_key="none")

    assert (answer.status, answer.body) == (200, b"Prod")


def test_what_a_function_prints_is_relayed_under_its_name(cloud: Cloud) -> None:
    call(cloud, "GET", "/items/1")

    eventually(lambda: "[sam-shop-EchoFunction] echo was loaded" in cloud.lines)


def test_metrics_are_left_to_the_account_unless_asked_for(tmp_path: Path) -> None:
    template = tmp_path / "loud" / "template.yaml"
    template.parent.mkdir()
    template.write_text("Resources: {Loud: {Type: AWS::Serverless::Function, Properties: {Handler: loud.handler}}}")
    metrics = '{"_aws": {"CloudWatchMetrics": []}, "Requests": [1.0]}'
    (template.parent / "loud.py").write_text(f"def handler(*_):\n    print({metrics!r})\n    print('done')\n")

    def printed(*options: str) -> list[str]:
        with running_cloud([template], options=options) as cloud:
            cloud.invoke("Loud", {})
            eventually(lambda: "[loud-Loud] done" in cloud.lines)
            return [line for line in cloud.lines if "Requests" in line]

    assert printed() == []
    assert printed("--log-level", "DEBUG") == [f"[loud-Loud] {metrics}"]


# What a caller gets


def test_a_response_passes_unchanged(cloud: Cloud) -> None:
    response = {
        "statusCode": 418,
        "headers": {"Content-Type": "application/problem+json"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": "{}",
    }
    answer = call(cloud, "POST", "/raw", json.dumps(response).encode())

    assert (answer.status, answer.body) == (418, b"{}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nowhere", 403, "Missing Authentication Token"),
        ("DELETE", "/items/1", 403, "Missing Authentication Token"),
        ("GET", "/crash", 502, "Internal server error"),
        ("GET", "/crash?raise=1", 502, "Internal server error"),
        ("GET", "/broken", 502, "Internal server error"),
        ("GET", "/sleep?seconds=20&child=1", 504, "Endpoint request timed out"),
    ],
)
def test_errors_are_api_gateways_own(cloud: Cloud, method: str, path: str, status: int, message: str) -> None:
    answer = call(cloud, method, path)

    assert (answer.status, answer.json) == (status, {"message": message})


def test_a_template_shapes_the_gateways_answers(cloud: Cloud) -> None:
    answer = call(cloud, "GET", "/items/1", x_api_key="wrong")

    assert (answer.status, answer.json) == (403, {"title": "Forbidden", "status": 403})
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_preflight_needs_no_key_where_the_template_says_so(cloud: Cloud) -> None:
    assert call(cloud, "OPTIONS", "/items", x_api_key="").status == 200


def test_a_malformed_response_is_a_bad_gateway(cloud: Cloud) -> None:
    assert call(cloud, "POST", "/raw", b'{"no": "status"}').status == 502


@pytest.mark.parametrize(("megabytes", "status"), [(5, 502), (7, 413), (11, 413)])
def test_an_event_may_have_six_megabytes_and_a_body_ten(cloud: Cloud, megabytes: int, status: int) -> None:
    padding = b" " * megabytes * 1024 * 1024

    assert call(cloud, "POST", "/raw", b"{" + padding + b"}").status == status


def test_only_who_waited_for_a_new_process_sees_a_cold_start(cloud: Cloud) -> None:
    call(cloud, "GET", "/audit")
    cloud.kill("ReadFunction")

    answers = [call(cloud, "GET", "/audit") for _ in range(4)]

    assert [answer.headers["X-Cold-Start"] for answer in answers] == ["1", None, None, None]


# Queues and events


def test_events_reach_the_consumer_and_failures_the_dead_letter_queue(cloud: Cloud) -> None:
    stack = cloud.stacks["sam-shop"]
    orders = [{"id": "good"}, {"id": "bad", "fail": True}, {"id": "fine"}]
    entries = [
        {
            "Source": "shop",
            "DetailType": "order.placed",
            "Detail": json.dumps(order),
            "EventBusName": "sam-shop-bus",
        }
        for order in orders
    ]
    aws("events", cloud.aws_endpoint).put_events(Entries=entries)

    dynamodb, sqs = aws("dynamodb", cloud.aws_endpoint), aws("sqs", cloud.aws_endpoint)

    def stored() -> set[str]:
        items = dynamodb.scan(TableName=stack["resources"]["Items"])["Items"]
        return {item["pk"]["S"] for item in items}

    def received(url: str) -> list[str]:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["detail"]["id"] for message in messages]

    eventually(lambda: stored() >= {"good", "fine"})
    assert eventually(lambda: received(stack["resources"]["DeadOrders"])) == ["bad"]
    assert "bad" not in stored()
    inbox = cloud.stacks["sam-audit"]["outputs"]["InboxUrl"]  # a rule of another stack saw them too
    assert set(received(inbox)) == {"good", "bad", "fine"}


def test_tables_have_their_indexes_and_expiry(cloud: Cloud) -> None:
    table = cloud.stacks["sam-shop"]["resources"]["Items"]
    dynamodb = aws("dynamodb", cloud.aws_endpoint)

    described = dynamodb.describe_table(TableName=table)["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]

    assert [index["IndexName"] for index in described["GlobalSecondaryIndexes"]] == ["by-kind"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")


def test_dynamodb_can_be_elsewhere() -> None:
    elsewhere = MotoProcess(0)
    try:
        url = elsewhere.url()
        with running_cloud([SHOP], parameters=AUDIT_PARAMETERS, env={"AWS_ENDPOINT_URL_DYNAMODB": url}) as cloud:
            tables = [aws("dynamodb", endpoint).list_tables()["TableNames"] for endpoint in (url, cloud.aws_endpoint)]
            environment = call(cloud, "GET", "/items/1").json["environment"]
    finally:
        elsewhere.stop()

    assert tables == [["sam-shop-Items"], []]
    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == url


# Administration


def test_health_lists_what_is_served(cloud: Cloud) -> None:
    health = cloud.health()

    assert health["status"] == "ready"
    assert health["moto"] == cloud.aws_endpoint
    assert health["schedules"] == {"sam-shop-EchoFunction": "rate(1 day)"}
    assert "GET /items/{id}" in health["routes"]
    assert {function["name"] for function in health["functions"]} >= {"sam-shop-EchoFunction"}
    outputs = cloud.stacks["sam-shop"]["outputs"]
    assert outputs.pop("ApiKeyId")
    assert outputs == {
        "BaseUrl": cloud.url,
        "Bus": "arn:aws:events:us-east-1:123456789012:event-bus/sam-shop-bus",
        "BusName": "sam-shop-bus",
    }


def test_a_function_can_be_invoked_directly(cloud: Cloud) -> None:
    response = cloud.invoke("RawFunction", {"body": "[1, 2]"})
    failure = cloud.invoke("sam-shop-CrashFunction", {"queryStringParameters": None})
    queued = call(cloud, "POST", "/-/functions/RawFunction/invocations?type=Event", b'{"body": "1"}')

    assert response == [1, 2]
    assert failure["errorType"] == "Runtime.ExitError"
    assert queued.status == 202


def test_an_unknown_function_is_not_found(cloud: Cloud) -> None:
    with pytest.raises(HTTPError, match="404"):
        cloud.kill("Nobody")


def test_a_web_page_cannot_administer(cloud: Cloud) -> None:
    assert call(cloud, "GET", "/-/health", Origin="https://example.com").status == 403


# Starting and stopping

AUDIT_PARAMETERS = {"AuditBaseUrl": "http://audit.test", "AuditApiKey": "key"}


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_stays_behind(number: signal.Signals) -> None:
    with running_cloud([AUDIT, SHOP]) as cloud:
        call(cloud, "GET", "/audit")
        cloud.invoke("RawFunction", {"body": "1"})
        main = psutil.Process(cloud.pid)
        children = main.children(recursive=True)
        assert len(children) == 3
        os.kill(cloud.pid, number)
        eventually(lambda: gone([main, *children]), 5)
        code = cloud.stop()

    assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)


def test_a_taken_port_is_rejected_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "lambdas.local", "--port", str(port), "--templates", str(AUDIT)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"port {port} is already in use")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_what_is_no_port_is_rejected_with_the_options_name(port: str) -> None:
    command = [sys.executable, "-m", "lambdas.local", f"--port={port}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 2
    assert ended.stderr.endswith(f"error: argument --port: {port!r} is no port: a number from 0 to 65535\n")


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({}, "local-key-of-sam-shop-api"),
        ({"API_KEY": "", "SAM_SHOP_API_KEY": ""}, "local-key-of-sam-shop-api"),
        ({"API_KEY": "for all"}, "for all"),
        ({"API_KEY": "for all", "SAM_SHOP_API_KEY": "own", "SAM_AUDIT_API_KEY": "another's"}, "own"),
    ],
)
def test_each_stack_has_a_key_of_its_own_unless_one_is_given(environment: dict[str, str], key: str) -> None:
    assert api_key_of("sam-shop", environment) == key


def test_the_key_of_an_api_is_read_from_api_gateway_by_its_id(cloud: Cloud) -> None:
    described = aws("apigateway", cloud.aws_endpoint).get_api_key(
        apiKey=cloud.stacks["sam-shop"]["outputs"]["ApiKeyId"], includeValue=True
    )

    assert described["value"] == cloud.key_of("sam-shop")


def test_an_api_with_iam_authorization_takes_signed_requests_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "signed" / "template.yaml"
    template.parent.mkdir()
    template.write_text(
        "Resources:\n"
        "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1, Auth: {DefaultAuthorizer: AWS_IAM}}}\n"
        "  Read:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      Handler: read.handler\n"
        "      Events:\n"
        "        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /read, Method: get}}\n"
    )
    (template.parent / "read.py").write_text("def handler(*_):\n    return {'statusCode': 200, 'body': 'read'}\n")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "x",
    }.items():
        monkeypatch.setenv(name, value)

    with running_cloud([template]) as cloud:
        answers = [
            requests.get(f"{cloud.url}/read", params={"q": "a b"}, auth=auth, timeout=30)
            for auth in (SignedRequests(), None)
        ]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[1].headers["x-amzn-ErrorType"] == "InvalidSignatureException"


def test_a_template_error_names_file_and_resource(tmp_path: Path) -> None:
    template = tmp_path / "shop" / "template.yaml"
    template.parent.mkdir()
    template.write_text("Resources: {Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Nothing}}}")

    with pytest.raises(CloudError) as caught, running_cloud([template]):
        pass

    assert str(caught.value) == f"{template}: Orders: Nothing is neither a parameter nor a resource"


def test_built_artefacts_run_without_the_source(tmp_path: Path) -> None:
    """The layout of `sam build -b DIR/STACK`: the template, and a folder for each function and layer."""
    built = tmp_path / "sam_shop"
    (built / "EchoFunction").mkdir(parents=True)
    shutil.copy(STACKS / "sam_shop" / "echo.py", built / "EchoFunction")
    (built / "Shared" / "python").mkdir(parents=True)
    (built / "template.yaml").write_text(BUILT_TEMPLATE, encoding="utf-8")

    with running_cloud([SHOP], options=["--artefacts", str(tmp_path)]) as cloud:
        environment = call(cloud, "GET", "/items/1").json["environment"]

    assert environment["LAMBDA_TASK_ROOT"] == str(built / "EchoFunction")
    assert environment["PYTHONPATH"].split(os.pathsep) == [
        str(built / "EchoFunction"),
        str(built / "Shared" / "python"),
    ]


BUILT_TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Shared}}
  EchoFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: echo.handler
      CodeUri: EchoFunction
      Layers: [!Ref Shared]
      Events:
        Get: {Type: Api, Properties: {Path: "/items/{id}", Method: get}}
"""
