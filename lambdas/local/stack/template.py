"""Reads SAM templates: YAML with CloudFormation's short tags, Globals merged into each resource."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lambdas.local.stack.intrinsics import as_text

SERVERLESS = "AWS::Serverless::"


class TemplateError(Exception):
    """An invalid template; the message names the file and the place in it."""

    def __init__(self, path: Path, place: str, problem: object) -> None:
        super().__init__(f"{path}: {place}: {problem}")


@dataclass(frozen=True)
class Template:
    """A parsed template; `name` is the name of its folder and its stack."""

    path: Path
    name: str
    body: Mapping[str, Any]

    def section(self, name: str) -> dict[str, Any]:
        return dict(self.body.get(name) or {})

    @property
    def resources(self) -> dict[str, Any]:
        return self.section("Resources")

    def properties(self, logical_id: str) -> dict[str, Any]:
        """The properties of a resource, merged with Globals of its type."""
        resource = self.resources[logical_id]
        kind = str(resource["Type"]).removeprefix(SERVERLESS)
        return dict(_merge(self.section("Globals").get(kind) or {}, resource.get("Properties") or {}))

    def of_type(self, kind: str) -> list[str]:
        return [name for name, resource in self.resources.items() if resource["Type"] == kind]


def read_templates(paths: Iterable[Path]) -> list[Template]:
    templates = [_read(path) for path in paths]
    names = [template.name for template in templates]
    for template in templates:
        if names.count(template.name) > 1:
            raise TemplateError(template.path, "the file", f"another stack is called {template.name!r} too")
    return templates


def _read(path: Path) -> Template:
    try:
        body = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise TemplateError(path, f"line {line}", error.problem) from None
    except OSError as error:
        raise TemplateError(path, "the file", error.strerror) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise TemplateError(path, "the file", " ".join(str(error).split())) from None
    if not isinstance(body, dict) or not isinstance(body.get("Resources"), dict):
        raise TemplateError(path, "the file", "has no Resources")
    for name, resource in body["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise TemplateError(path, name, "has no Type")
    name = path.resolve().parent.name.replace("_", "-")  # a stack's name has no underscores
    return Template(path, name, body)


class _Loader(yaml.CSafeLoader):
    """YAML's safe types, plus `!Ref` and the other short forms."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)  # type: ignore[arg-type]
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def _merge(defaults: Any, own: Any) -> Any:
    """SAM's rule for Globals: maps merge, lists are joined, anything else is replaced."""
    if isinstance(defaults, list) and isinstance(own, list):
        return defaults + own
    if not isinstance(defaults, dict) or not isinstance(own, dict) or _is_intrinsic(own):
        return own
    merged = {**defaults, **own}
    return {k: _merge(defaults[k], own[k]) if k in defaults and k in own else v for k, v in merged.items()}


def _is_intrinsic(node: dict[str, Any]) -> bool:
    return len(node) == 1 and next(iter(node)).startswith(("Ref", "Fn::"))


_BASE_URL = "BaseUrl"
_API_KEY = "ApiKey"


def parameter_values(
    template: Template, overrides: Mapping[str, str], gateway_url: str, key_of: Callable[[str], str]
) -> dict[str, Any]:
    """Values by precedence: overrides, values that the cloud provides, defaults of the template.

    The cloud provides the gateway's URL as `<Domain>BaseUrl`, the key of the stack's own API as `ApiKey`, and for each
    `<Domain>BaseUrl` that domain's key as `<Domain>ApiKey`.
    """
    declared = template.section("Parameters")
    provided = {name: gateway_url for name in declared if name.endswith(_BASE_URL)}
    domains = [name.removesuffix(_BASE_URL) for name in provided]
    provided |= {domain + _API_KEY: key_of(_stack_name(domain)) for domain in domains}
    provided[_API_KEY] = key_of(template.name)
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        value = overrides.get(name, provided.get(name, declaration.get("Default")))
        if value is None:
            problem = f"has no default; give it with --param {name}=VALUE"
            raise TemplateError(template.path, f"parameter {name}", problem)
        values[name] = _typed(str(declaration.get("Type")), as_text(value))
    return values


def _stack_name(domain: str) -> str:
    return re.sub(r"(?<=.)(?=[A-Z])", "-", domain).lower()


def _typed(kind: str, value: str) -> Any:
    if "List" in kind:
        return [item.strip() for item in value.split(",")]
    return int(value) if kind == "Number" and value.isdecimal() else value
