"""Builds the OpenAPI document of the four APIs from their contracts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contracts.base import Contract
from contracts.problem import MEDIA_TYPE, Problem
from operations.openapi.endpoints import ENDPOINTS, ApiEndpoint

Json = dict[str, Any]
VERSION: Final = "1.0.0"
_REFERENCE: Final = "#/components/schemas/{model}"
_PROBLEMS: Final = (400, 403, 413, 422, 429, 500, 503)
_INTRODUCTION: Final = (
    "The APIs of the Lambda side of MattGPT, one a domain: each has a base URL and a key of its own. An answer carries"
    " the version of the corpus and of the code that made it. Every error is a problem document (RFC 9457)."
)
_HEADERS: Final = (
    ("X-Request-Id", "Identifies the request in the logs; a missing one is made up.", {"type": "string"}),
    ("X-Shadow", "1 if nobody waits for the answer: nothing is written for it.", {"type": "string", "enum": ["1"]}),
)


def openapi_document() -> Json:
    """The document, as OpenAPI 3.1."""
    schemas = _schemas()
    paths: dict[str, Json] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "MattGPT", "version": VERSION, "description": _INTRODUCTION},
        "security": [{"ApiKey": []}],
        "tags": [{"name": domain} for domain in dict.fromkeys(endpoint.domain for endpoint in ENDPOINTS)],
        "paths": paths,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
            "schemas": dict(sorted(_used_by(paths, schemas).items())),
        },
    }


def openapi_text() -> str:
    """The document as it is committed."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False) + "\n"


def _schemas() -> dict[str, Json]:
    """The JSON schema of every model by its name: as it is read if a request needs it, else as it is written."""
    found: dict[str, Json] = {}
    kinds: tuple[tuple[Iterable[type[Contract]], JsonSchemaMode], ...] = (
        ((model for endpoint in ENDPOINTS for model in endpoint.responses), "serialization"),
        ((Problem,), "serialization"),
        ((model for endpoint in ENDPOINTS for model in endpoint.requests), "validation"),
    )
    for models, mode in kinds:
        _, generated = models_json_schema([(model, mode) for model in models], ref_template=_REFERENCE)
        found |= generated.get("$defs", {})
    return found


def _operation(endpoint: ApiEndpoint, schemas: Mapping[str, Json]) -> Json:
    operation: Json = {
        "operationId": endpoint.id,
        "tags": [endpoint.domain],
        "summary": endpoint.summary,
        "parameters": [*_parameters(endpoint, schemas), *_header_parameters()],
    }
    if endpoint.method == "POST":
        operation["requestBody"] = {"required": True, "content": _json_of(endpoint.requests)}
    operation["responses"] = {"200": {"description": "The answer.", "content": _json_of(endpoint.responses)}}
    for status in sorted({*_PROBLEMS, *endpoint.codes}):
        operation["responses"][str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _reference("Problem")}},
        }
    return operation


def _parameters(endpoint: ApiEndpoint, schemas: Mapping[str, Json]) -> Iterator[Json]:
    """Path parameters, and of a request without a body every other field as a query parameter.

    No field of one alternative is required: `ids` chooses between the two.
    """
    if endpoint.method == "POST":
        return
    for model in endpoint.requests:
        schema = schemas[model.__name__]
        required = schema.get("required", []) if len(endpoint.requests) == 1 else []
        for name, field in schema.get("properties", {}).items():
            place = "path" if name in endpoint.path_fields else "query"
            yield {"name": name, "in": place, "required": place == "path" or name in required, "schema": field}


def _header_parameters() -> Iterator[Json]:
    for name, text, schema in _HEADERS:
        yield {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _json_of(models: Iterable[type[Contract]]) -> Json:
    schemas = [_reference(model.__name__) for model in models]
    return {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}}


def _reference(name: str) -> Json:
    return {"$ref": _REFERENCE.format(model=name)}


def _used_by(paths: Any, schemas: Mapping[str, Json]) -> dict[str, Json]:
    """The schemas that the paths refer to, directly or through another."""
    used: dict[str, Json] = {}
    pending = list(_references(paths))
    while pending:
        name = pending.pop()
        if name not in used:
            used[name] = schemas[name]
            pending.extend(_references(schemas[name]))
    return used


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield str(node["$ref"]).rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
