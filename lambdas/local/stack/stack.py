"""A deployed template: parameters filled in, resources created, references resolved."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.local.stack.intrinsics import Resolver
from lambdas.local.stack.resources import ACCOUNT, MAKERS, Aws, Resource, make, make_api_key
from lambdas.local.stack.template import SERVERLESS, Template, TemplateError

IMPLICIT_API = "ServerlessRestApi"

_API_URL = re.compile(r"https://[\w-]+\.execute-api\.[\w-]+\.amazonaws\.com(/[\w-]+)?")
_UNRESOLVABLE = (LookupError, ValueError, TypeError, AttributeError, ClientError, BotoCoreError)


class Stack:
    """The resources of one template, created on first reference and hence in dependency order."""

    def __init__(
        self,
        template: Template,
        parameters: Mapping[str, Any],
        aws: Aws,
        gateway_url: str,
        import_value: Callable[[str], str],
        api_key: str = "",
    ) -> None:
        self.api_key = api_key
        self.template = template
        self.name = template.name
        self.aws = aws
        self._gateway_url = gateway_url
        self._values = {**_pseudo_parameters(template.name, aws.region), **parameters}
        self._made: dict[str, Resource | None] = {}
        self._key_ids: dict[str, str] = {}
        self._resolver = Resolver(
            ref=self._ref,
            attribute=self._attribute,
            import_value=import_value,
            conditions=template.section("Conditions"),
        )

    def make_resources(self) -> None:
        for logical_id in self.template.resources:
            if self.wanted(logical_id):
                self._resource(logical_id)
        for logical_id in self.template.of_type(f"{SERVERLESS}Api"):
            if (self.properties(logical_id).get("Auth") or {}).get("ApiKeyRequired"):
                name = f"{logical_id}ApiKey"  # as SAM calls the key that goes with an API
                self._key_ids[name] = make_api_key(self.aws, f"{self.name}-{name}", self.api_key)

    @property
    def resources(self) -> dict[str, Resource]:
        return {name: made for name, made in self._made.items() if made is not None}

    @property
    def outputs(self) -> dict[str, Any]:
        return {name: self.resolve(f"output {name}", body["Value"]) for name, body in self._outputs()}

    def exported(self, name: str) -> str | None:
        """The value of the output exported under a name."""
        for output, body in self._outputs():
            export = body.get("Export", {}).get("Name")
            if export is not None and self.resolve(f"output {output}", export) == name:
                return str(self.resolve(f"output {output}", body["Value"]))
        return None

    def wanted(self, logical_id: str) -> bool:
        """Whether the resource's condition holds."""
        return self._condition_holds(logical_id, self.template.resources[logical_id])

    def properties(self, logical_id: str) -> dict[str, Any]:
        """A resource's properties with Globals merged and intrinsics resolved."""
        resolved = self.resolve(logical_id, self.template.properties(logical_id))
        return dict(resolved)

    def resolve(self, place: str, node: Any) -> Any:
        """Resolve a node; a deployed API's address becomes the gateway's.

        Raises
        ------
        TemplateError
            Naming the place, if something in it cannot be resolved.
        """
        try:
            return self._with_gateway(self._resolver.resolve(node))
        except _UNRESOLVABLE as error:
            raise TemplateError(self.template.path, place, _describe(error)) from error

    def _outputs(self) -> list[tuple[str, dict[str, Any]]]:
        outputs = self.template.section("Outputs").items()
        return [(name, body) for name, body in outputs if self._condition_holds(f"output {name}", body)]

    def _condition_holds(self, place: str, body: Mapping[str, Any]) -> bool:
        try:
            return "Condition" not in body or self._resolver.holds(body["Condition"])
        except _UNRESOLVABLE as error:
            raise TemplateError(self.template.path, place, _describe(error)) from error

    def _with_gateway(self, node: Any) -> Any:
        if isinstance(node, str):
            return _API_URL.sub(self._gateway_url, node)
        if isinstance(node, list):
            return [self._with_gateway(item) for item in node]
        if isinstance(node, dict):
            return {key: self._with_gateway(item) for key, item in node.items()}
        return node

    def _ref(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        if name.endswith(".Stage"):
            return self.properties(name.removesuffix(".Stage"))["StageName"]
        if name in self._key_ids:
            return self._key_ids[name]
        made = self._resource(name)
        return made.id if made else self._placeholder(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        made = self._resource(logical_id)
        if made is not None:
            return made.attributes[attribute]
        name = self._placeholder(logical_id)
        is_function = self._kind(logical_id) == f"{SERVERLESS}Function"
        return self.aws.arn("lambda", f"function:{name}") if is_function else f"{name}.{attribute}"

    def _resource(self, logical_id: str) -> Resource | None:
        kind = self._kind(logical_id)
        if logical_id in self._made or kind not in MAKERS:
            return self._made.get(logical_id)
        if not self.wanted(logical_id):
            raise LookupError(f"{logical_id} is referred to, but its condition does not hold")
        self._made[logical_id] = None  # ends a circular reference
        properties = self.properties(logical_id)
        try:
            self._made[logical_id] = make(self.aws, kind, f"{self.name}-{logical_id}", properties)
        except _UNRESOLVABLE as error:
            raise TemplateError(self.template.path, logical_id, _describe(error)) from error
        return self._made[logical_id]

    def _kind(self, logical_id: str) -> str:
        return str(self.template.resources.get(logical_id, {}).get("Type", ""))

    def _placeholder(self, name: str) -> str:
        """A placeholder for a resource that exists only on AWS: a function's name, an API's id ..."""
        generated = any(name.startswith(known) for known in (*self.template.resources, IMPLICIT_API))
        if not generated:
            raise LookupError(f"{name} is neither a parameter nor a resource")
        own_name = self.template.properties(name).get("FunctionName") if self._kind(name) else None
        return str(self._resolver.resolve(own_name)) if own_name else f"{self.name}-{name}"


def _pseudo_parameters(stack: str, region: str) -> dict[str, Any]:
    return {
        "AWS::AccountId": ACCOUNT,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack}/local",
        "AWS::StackName": stack,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _describe(error: Exception) -> str:
    text = f"{error.args[0]!r} is not defined" if type(error) is KeyError else str(error)
    return " ".join(text.split()) or type(error).__name__
