"""The values of a template's parameters on this machine."""

from collections.abc import Mapping
from typing import Any

from lambdas.local.intrinsics import as_text
from lambdas.local.templates import Template, TemplateError

_BASE_URL = "BaseUrl"
_API_KEY = "ApiKey"


def parameter_values(
    template: Template, overrides: Mapping[str, str], gateway_url: str, api_key: str
) -> dict[str, Any]:
    """Overrides first, then what the cloud itself provides, then the template's defaults.

    The cloud provides `<Domain>BaseUrl`, the gateway's address, and the key to it: `ApiKey`, and
    `<Domain>ApiKey` where the template has a `<Domain>BaseUrl` too.
    """
    declared = template.section("Parameters")
    provided = {name: gateway_url for name in declared if name.endswith(_BASE_URL)}
    provided |= {url.removesuffix(_BASE_URL) + _API_KEY: api_key for url in provided} | {_API_KEY: api_key}
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        value = overrides.get(name, provided.get(name, declaration.get("Default")))
        if value is None:
            problem = f"has no default; give it with --param {name}=VALUE"
            raise TemplateError(template.path, f"parameter {name}", problem)
        values[name] = _typed(str(declaration.get("Type")), as_text(value))
    return values


def _typed(kind: str, value: str) -> Any:
    if "List" in kind:
        return [item.strip() for item in value.split(",")]
    return int(value) if kind == "Number" and value.isdecimal() else value
