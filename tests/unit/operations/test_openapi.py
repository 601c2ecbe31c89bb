"""The OpenAPI document: it is what the templates deploy and the contracts say, and breaking changes of it are named."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from typer.testing import CliRunner

from lambdas.local.stack.template import read_templates
from operations.cli import app
from operations.openapi.breaking_changes import breaking_changes
from operations.openapi.document import openapi_document, openapi_text

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]
Change = Callable[[Json], object]


@pytest.fixture(scope="module")
def document() -> Json:
    return openapi_document()


@pytest.fixture
def changed(document: Json) -> Json:
    return copy.deepcopy(document)


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def require(document: Json, name: str, field: str) -> None:
    schema(document, name)["properties"][field] = {"type": "string"}
    schema(document, name)["required"].append(field)


def parameter(document: Json, method: str, path: str, name: str) -> Json:
    found: Json = next(item for item in document["paths"][path][method]["parameters"] if item["name"] == name)
    return found


def test_the_committed_document_is_current() -> None:
    assert (ROOT / "docs" / "openapi.json").read_text("utf-8") == openapi_text(), "run `mattgpt openapi write`"


def test_it_has_every_endpoint_of_the_templates_and_no_other(document: Json) -> None:
    events = [
        event["Properties"]
        for template in read_templates(sorted(ROOT.glob("lambdas/*/template.yaml")))
        for name in template.of_type("AWS::Serverless::Function")
        for event in (template.properties(name).get("Events") or {}).values()
        if event["Type"] == "Api" and event["Properties"]["Method"] != "OPTIONS"
    ]
    assert {(path, method.upper()) for path, methods in document["paths"].items() for method in methods} == {
        (event["Path"], event["Method"].upper()) for event in events
    }


def test_it_is_valid_openapi(document: Json) -> None:
    openapi_spec_validator.validate(document)


def test_an_answer_of_the_contract_is_valid_by_the_document(document: Json) -> None:
    valid = jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/IndustryList", "components": document["components"]}
    )
    answer: Json = {"corpus_version": "1", "code_version": "1", "industries": []}
    valid.validate(answer)
    with pytest.raises(jsonschema.ValidationError):
        valid.validate(answer | {"invented": 1})


def test_ids_choose_whole_stories_and_are_not_required(document: Json) -> None:
    assert parameter(document, "get", "/api/stories", "ids")["required"] is False
    assert parameter(document, "get", "/api/stories/{id}", "id")["required"] is True


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("DELETE /api/ask/history: removed", lambda it: it["paths"]["/api/ask/history"].pop("delete")),
        ("GET /api/industries: removed", lambda it: it["paths"].pop("/api/industries")),
        (
            "GET /api/stories query parameter tags: removed",
            lambda it: it["paths"]["/api/stories"]["get"]["parameters"].remove(
                parameter(it, "get", "/api/stories", "tags")
            ),
        ),
        (
            "GET /api/stories query parameter sort: required now",
            lambda it: parameter(it, "get", "/api/stories", "sort").update(required=True),
        ),
        (
            "GET /api/industries query parameter page: new and required",
            lambda it: it["paths"]["/api/industries"]["get"]["parameters"].append(
                {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}
            ),
        ),
        (
            "GET /api/stories query parameter limit: maximum 50 is narrower",
            lambda it: parameter(it, "get", "/api/stories", "limit")["schema"].update(maximum=50),
        ),
        (
            "POST /api/search/semantic body SearchRequest.query: minLength 3 is narrower",
            lambda it: schema(it, "SearchRequest")["properties"]["query"].update(minLength=3),
        ),
        (
            "POST /api/search/semantic body SearchRequest.era: new and required",
            lambda it: require(it, "SearchRequest", "era"),
        ),
        (
            "POST /api/ask/feedback body FeedbackRequest.helpful: no longer boolean",
            lambda it: schema(it, "FeedbackRequest")["properties"]["helpful"].update(type="string"),
        ),
        (
            "GET /api/stories/{id} answer 200 StoryDetail.summary: removed",
            lambda it: schema(it, "StoryDetail")["properties"].pop("summary"),
        ),
        (
            "GET /api/stories/{id} answer 200 StoryDetail.summary: may be null now",
            lambda it: schema(it, "StoryDetail")["properties"]["summary"].update(type=["string", "null"]),
        ),
        (
            "GET /api/stories answer 200 StoryList.total: no longer always there",
            lambda it: schema(it, "StoryList")["required"].remove("total"),
        ),
        (
            "GET /api/stories query parameter sort Sort: value client removed",
            lambda it: schema(it, "Sort")["enum"].remove("client"),
        ),
        (
            "POST /api/ask/match answer 200: application/json removed",
            lambda it: it["paths"]["/api/ask/match"]["post"]["responses"].update({"200": {"content": {}}}),
        ),
    ],
)
def test_a_breaking_change_is_named(document: Json, changed: Json, line: str, change: Change) -> None:
    change(changed)
    assert line in breaking_changes(document, changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: None,
        lambda it: it["paths"].update({"/api/new": {"get": {"responses": {}}}}),
        lambda it: schema(it, "StoryList")["properties"].update(note={"type": "string"}),
        lambda it: schema(it, "SearchRequest")["properties"].update(note={"type": "string"}),
        lambda it: parameter(it, "get", "/api/stories", "limit")["schema"].update(maximum=500),
        lambda it: schema(it, "StoryCard")["properties"]["title"].update(maxLength=10),
        lambda it: schema(it, "Sort")["enum"].append("era"),
        lambda it: schema(it, "StoryDetail").update(description="Another."),
    ],
)
def test_what_breaks_no_client_is_not_named(document: Json, changed: Json, change: Change) -> None:
    change(changed)
    assert breaking_changes(document, changed) == []


def test_the_command_writes_the_document_and_fails_at_a_breaking_change(tmp_path: Path, document: Json) -> None:
    run = CliRunner().invoke
    path = tmp_path / "openapi.json"
    assert run(app, ["openapi", "write", str(path)]).exit_code == 0
    assert run(app, ["openapi", "compare", str(path)]).output == "no breaking change\n"
    older = copy.deepcopy(document)
    older["paths"]["/api/old"] = {"get": {"responses": {}}}
    path.write_text(json.dumps(older), "utf-8")
    refused = run(app, ["openapi", "compare", str(path)])
    assert (refused.exit_code, refused.output) == (1, "GET /api/old: removed\n")


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_file_that_is_no_document_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text, "utf-8")
    refused = CliRunner().invoke(app, ["openapi", "compare", str(path)])
    assert refused.exit_code == 1
    assert f"{path}: not an OpenAPI document" in refused.output
