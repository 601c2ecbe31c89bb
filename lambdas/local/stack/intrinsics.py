"""Evaluates CloudFormation's intrinsic functions and conditions."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

NO_VALUE = object()

_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def as_text(value: Any) -> str:
    """A scalar as CloudFormation renders it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Resolver:
    """Resolves nodes of one template; the stack looks up names.

    It knows the intrinsics that the project's templates use; any other one is an error.
    """

    ref: Callable[[str], Any]
    attribute: Callable[[str, str], str]
    import_value: Callable[[str], str]
    conditions: Mapping[str, Any]

    def resolve(self, node: Any) -> Any:
        """Replace every intrinsic in a node.

        Raises
        ------
        LookupError
            A name that the template does not define.
        ValueError
            An intrinsic that is malformed or not supported.
        """
        if isinstance(node, list):
            return [value for item in node if (value := self.resolve(item)) is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return NO_VALUE if argument == "AWS::NoValue" else self.ref(argument)
            if isinstance(name, str) and name.startswith("Fn::"):
                return self._call(name, argument)
        return {key: value for key, item in node.items() if (value := self.resolve(item)) is not NO_VALUE}

    def holds(self, condition: Any) -> bool:
        """Evaluate a condition, given by name or as a node of the Conditions section."""
        if isinstance(condition, str):
            return self.holds(self.conditions[condition])
        name, argument = next(iter(condition.items()))
        match name:
            case "Condition":
                return self.holds(argument)
            case "Fn::Equals":
                left, right = self.resolve(argument)
                return as_text(left) == as_text(right)
            case "Fn::Not":
                return not self.holds(argument[0])
            case "Fn::And":
                return all(map(self.holds, argument))
            case "Fn::Or":
                return any(map(self.holds, argument))
        raise ValueError(f"{name} is not a condition that the local cloud supports")

    def _call(self, name: str, argument: Any) -> Any:
        if name not in _FUNCTIONS:
            raise ValueError(f"{name} is not supported by the local cloud")
        return _FUNCTIONS[name](self, argument)

    def substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return as_text(variables[name])
            if "." in name:
                return str(self.attribute(*name.split(".", 1)))
            return as_text(self.ref(name))

        return _VARIABLE.sub(value, text)


def _get_att(resolver: Resolver, argument: Any) -> str:
    logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return resolver.attribute(logical_id, str(resolver.resolve(attribute)))


def _sub(resolver: Resolver, argument: Any) -> str:
    text, variables = (argument, {}) if isinstance(argument, str) else argument
    return resolver.substitute(text, resolver.resolve(variables))


def _join(resolver: Resolver, argument: Any) -> str:
    separator, items = argument
    return str(separator).join(as_text(item) for item in resolver.resolve(items))


def _if(resolver: Resolver, argument: Any) -> Any:
    condition, then, otherwise = argument
    return resolver.resolve(then if resolver.holds(condition) else otherwise)


def _import_value(resolver: Resolver, argument: Any) -> str:
    return resolver.import_value(str(resolver.resolve(argument)))


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
}
