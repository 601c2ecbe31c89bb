"""What starts a function: `Api`, `SQS` and `Schedule` events of the templates."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdas.local.functions import FunctionSpec
from lambdas.local.stacks import IMPLICIT_API, Stack
from lambdas.local.templates import SERVERLESS, TemplateError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """A method and path of an API, and the function behind it."""

    method: str
    path: str
    function: str
    api_id: str
    stage: str
    key_required: bool = False
    binary_types: tuple[str, ...] = ()
    stage_variables: dict[str, str] | None = None


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
    """A timer; listed only, a developer invokes the function when its time has come."""

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
    declared = event["Api"] in stack.template.of_type(f"{SERVERLESS}Api")
    api = stack.properties(event["Api"]) if declared else stack.template.section("Globals").get("Api", {})
    auth = {**(api.get("Auth") or {}), **(event.get("Auth") or {})}
    return Route(
        method=str(event["Method"]).upper(),
        path=str(event["Path"]),
        function=function.name,
        api_id=f"{stack.name}-{event['Api']}".lower(),
        stage=str(api.get("StageName", "Prod")),
        key_required=bool(auth.get("ApiKeyRequired", False)),
        binary_types=tuple(kind.replace("~1", "/") for kind in api.get("BinaryMediaTypes", ())),
        stage_variables=api.get("Variables"),
    )


def _queue(function: FunctionSpec, event: dict[str, Any]) -> QueueSource:
    return QueueSource(
        function=function.name,
        queue_arn=str(event["Queue"]),
        batch_size=int(event.get("BatchSize", 10)),
        window_seconds=float(event.get("MaximumBatchingWindowInSeconds", 0)),
        reports_failures="ReportBatchItemFailures" in event.get("FunctionResponseTypes", ()),
    )
