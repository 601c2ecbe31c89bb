"""Deploys the templates to the moto server: creates resources, reads functions and triggers."""

from dataclasses import dataclass, field
from typing import Any

from lambdas.local.options import Options, api_key_of
from lambdas.local.stack.functions import FunctionSpec, read_functions
from lambdas.local.stack.resources import Aws, make_secret
from lambdas.local.stack.stack import Stack
from lambdas.local.stack.template import TemplateError, parameter_values, read_templates
from lambdas.local.stack.triggers import Triggers, read_triggers


@dataclass
class Deployment:
    """The deployed stacks, functions and triggers."""

    aws: Aws
    gateway_url: str
    stacks: list[Stack] = field(default_factory=list)
    functions: list[FunctionSpec] = field(default_factory=list)
    triggers: Triggers = field(default_factory=Triggers)

    def summary(self) -> dict[str, Any]:
        """Routes, queues, schedules and resources as JSON, for the health check."""
        return {
            "gateway": self.gateway_url,
            "moto": self.aws.endpoint,
            "routes": [f"{route.method} {route.path}" for route in self.triggers.routes],
            "queues": {source.queue_arn: source.function for source in self.triggers.queues},
            "schedules": {item.function: item.expression for item in self.triggers.schedules},
            "resources": {stack.name: _ids(stack) for stack in self.stacks},
        }

    def describe_stacks(self) -> dict[str, Any]:
        """Endpoints, resources and outputs of the stacks as JSON, for commands that read or write their data."""
        return {
            "gateway": self.gateway_url,
            "aws_endpoint": self.aws.endpoint,
            "dynamodb_endpoint": self.aws.dynamodb_endpoint,
            "region": self.aws.region,
            "stacks": {stack.name: self._describe_stack(stack) for stack in self.stacks},
        }

    def _describe_stack(self, stack: Stack) -> dict[str, Any]:
        mine = [function for function in self.functions if function.stack == stack.name]
        return {
            "template": str(stack.template.path),
            "resources": _ids(stack),
            "outputs": stack.outputs,
            "functions": {function.logical_id: function.name for function in mine},
        }


def deploy(options: Options, aws: Aws, gateway_url: str) -> Deployment:
    """Create all stacks of the options.

    Raises
    ------
    TemplateError
        Naming the file and the resource that cannot be served.
    """
    deployment = Deployment(aws, gateway_url)

    def import_value(name: str) -> str:
        for stack in deployment.stacks:
            if (value := stack.exported(name)) is not None:
                return value
        raise LookupError(f"no stack exports {name}")

    secrets = {name: make_secret(aws, f"mattgpt/{name}", value) for name, value in options.secrets.items()}
    for template in read_templates(options.templates):
        values = parameter_values(template, secrets | options.parameters, gateway_url, api_key_of)
        key = api_key_of(template.name)
        deployment.stacks.append(Stack(template, values, aws, gateway_url, import_value, key))
    for stack in deployment.stacks:
        stack.make_resources()
        functions = read_functions(stack, options.source_root)
        _refuse_repeated_names(stack, functions, deployment.functions)
        triggers = read_triggers(stack, functions)
        deployment.functions += functions
        deployment.triggers.extend(triggers)
    return deployment


def _refuse_repeated_names(stack: Stack, functions: list[FunctionSpec], others: list[FunctionSpec]) -> None:
    taken = {function.name for function in others}
    for function in functions:
        if function.name in taken:
            raise TemplateError(stack.template.path, function.logical_id, f"{function.name} is another function's name")


def _ids(stack: Stack) -> dict[str, str]:
    return {logical_id: resource.id for logical_id, resource in stack.resources.items()}
