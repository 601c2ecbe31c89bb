"""Reads the triggers of functions: `Api`, `SQS` and `Schedule` events of the templates."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdas.local.stack.functions import FunctionSpec
from lambdas.local.stack.stack import IMPLICIT_API, Stack
from lambdas.local.stack.template import SERVERLESS, TemplateError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Api:
    """Settings shared by the routes of one API."""

    id: str
    stage: str
    key: str = ""
    iam: bool = False
    key_required: bool = False
    gateway_responses: dict[str, Any] = field(default_factory=dict)
    binary_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """A method and path of an API, and the function that serves it."""

    method: str
    path: str
    function: str
    api: Api
    key_required: bool = False
    iam: bool = False


@dataclass(frozen=True)
class QueueSource:
    """A queue whose messages a function receives in batches."""

    function: str
    queue_arn: str
    batch_size: int
    window_seconds: float
    reports_failures: bool


@dataclass(frozen=True)
class Schedule:
    """A timer. The local cloud only lists it; a developer invokes the function by hand."""

    function: str
    expression: str


@dataclass
class Triggers:
    routes: list[Route] = field(default_factory=list)
    queues: list[QueueSource] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)

    def extend(self, other: "Triggers") -> None:
        self.routes += other.routes
        self.queues += other.queues
        self.schedules += other.schedules


def read_triggers(stack: Stack, functions: list[FunctionSpec]) -> Triggers:
    triggers = Triggers()
    for function, name, kind, event in _events(stack, functions):
        try:
            match kind:
                case "Api":
                    triggers.routes.append(_route(stack, function, event))
                case "SQS":
                    triggers.queues.append(_queue(function, event))
                case "Schedule" | "ScheduleV2":
                    expression = event.get("Schedule") or event.get("ScheduleExpression", "")
                    triggers.schedules.append(Schedule(function.name, str(expression)))
                case _:
                    log.warning("%s: event %s is of type %s, which is not served", function.name, name, kind)
        except KeyError as error:
            raise TemplateError(stack.template.path, function.logical_id, f"event {name} has no {error}") from None
    return triggers


def _events(stack: Stack, functions: list[FunctionSpec]) -> Iterator[tuple[FunctionSpec, str, str, dict[str, Any]]]:
    for function in functions:
        events = stack.template.properties(function.logical_id).get("Events") or {}
        for name, event in events.items():
            properties = event.get("Properties") or {}
            yield (
                function,
                name,
                event["Type"],
                stack.resolve(function.logical_id, properties) | {"Api": _api_of(properties)},
            )


def _api_of(properties: dict[str, Any]) -> str:
    reference = properties.get("RestApiId")
    return str(reference["Ref"]) if isinstance(reference, dict) and "Ref" in reference else IMPLICIT_API


def _route(stack: Stack, function: FunctionSpec, event: dict[str, Any]) -> Route:
    api = _api(stack, event["Api"])
    auth = event.get("Auth") or {}
    return Route(
        method=str(event["Method"]).upper(),
        path=str(event["Path"]),
        function=function.name,
        api=api,
        key_required=bool(auth.get("ApiKeyRequired", api.key_required)),
        iam=api.iam and auth.get("Authorizer") != "NONE",
    )


def _api(stack: Stack, logical_id: str) -> Api:
    declared = logical_id in stack.template.of_type(f"{SERVERLESS}Api")
    shared = stack.template.section("Globals").get("Api", {})
    properties = stack.properties(logical_id) if declared else stack.resolve("Globals", shared)
    return Api(
        id=f"{stack.name}-{logical_id}".lower(),
        stage=str(properties.get("StageName", "Prod")),
        key=stack.api_key,
        iam=(properties.get("Auth") or {}).get("DefaultAuthorizer") == "AWS_IAM",
        key_required=bool((properties.get("Auth") or {}).get("ApiKeyRequired", False)),
        gateway_responses=properties.get("GatewayResponses") or {},
        binary_types=tuple(kind.replace("~1", "/") for kind in properties.get("BinaryMediaTypes") or ()),
    )


def _queue(function: FunctionSpec, event: dict[str, Any]) -> QueueSource:
    return QueueSource(
        function=function.name,
        queue_arn=str(event["Queue"]),
        batch_size=int(event.get("BatchSize", 10)),
        window_seconds=float(event.get("MaximumBatchingWindowInSeconds", 0)),
        reports_failures="ReportBatchItemFailures" in event.get("FunctionResponseTypes", ()),
    )
