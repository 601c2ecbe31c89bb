"""The stories stack's template: valid, and consistent with the code that it deploys."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from lambdas.common.settings import FunctionSettings
from lambdas.stories.settings import StoriesSettings

FOLDER = Path(__file__).resolve().parents[4] / "lambdas" / "stories"


class TemplateLoader(yaml.SafeLoader):
    """Reads a template; `!Ref X` becomes {"Ref": X}."""


def _short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    raise AssertionError(f"!{tag} holds neither a value nor a list")


TemplateLoader.add_multi_constructor("!", _short_form)
TEMPLATE: dict[str, Any] = yaml.load((FOLDER / "template.yaml").read_text(), TemplateLoader)
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}


def test_the_functions_answer_the_three_routes() -> None:
    routes = {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for function in FUNCTIONS.values()
        for event in function["Events"].values()
    }
    paths = ("/api/stories", "/api/stories/{id}", "/api/stories/{id}/related")
    assert routes == {(method, path) for method in ("GET", "OPTIONS") for path in paths}


def test_only_preflights_need_no_key() -> None:
    assert TEMPLATE["Resources"]["StoriesApi"]["Properties"]["Auth"]["ApiKeyRequired"] is True
    for function in FUNCTIONS.values():
        for event in function["Events"].values():
            keyless = event["Properties"].get("Auth") == {"ApiKeyRequired": False}
            assert keyless == (event["Properties"]["Method"] == "OPTIONS")


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_a_handler_is_where_the_template_says(function: dict[str, Any]) -> None:
    module, _, name = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_sam_finds_a_build_target(function: str) -> None:
    assert TEMPLATE["Resources"][function]["Metadata"] == {"BuildMethod": "makefile"}
    assert f"build-{function}" in (FOLDER / "Makefile").read_text().split(".PHONY:")[1].splitlines()[0]


def test_the_environment_is_what_the_settings_read() -> None:
    given = {name.lower() for name in TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]}
    required = {name for name, field in StoriesSettings.model_fields.items() if field.is_required()}
    assert required | set(FunctionSettings.model_fields) <= given


def test_the_functions_may_read_and_nothing_else() -> None:
    statements = [
        statement
        for function in FUNCTIONS.values()
        for policy in function["Policies"]
        for statement in policy["Statement"]
    ]
    actions = [statement["Action"] for statement in statements]
    assert {action for one in actions for action in ([one] if isinstance(one, str) else one)} == {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "s3:GetObject",
    }


def test_tables_and_buckets_are_retained() -> None:
    for name in ("StoriesTable", "ListingBucket"):
        assert TEMPLATE["Resources"][name]["DeletionPolicy"] == "Retain"
        assert TEMPLATE["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_the_outputs_name_the_api_and_the_resources() -> None:
    assert {"ApiUrl", "TableName", "ListingBucket"} <= set(TEMPLATE["Outputs"])
