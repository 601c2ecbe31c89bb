"""The industries stack's template: valid, and consistent with the code that it deploys."""

import importlib
from pathlib import Path

import pytest

from lambdas.common.settings import FunctionSettings
from lambdas.industries.settings import IndustriesSettings
from lambdas.local.stack.template import read_templates

FOLDER = Path(__file__).resolve().parents[4] / "lambdas" / "industries"
(TEMPLATE,) = read_templates([FOLDER / "template.yaml"])
FUNCTIONS = {name: TEMPLATE.properties(name) for name in TEMPLATE.of_type("AWS::Serverless::Function")}
EVENTS = [event["Properties"] for function in FUNCTIONS.values() for event in function["Events"].values()]


def test_the_functions_answer_the_three_routes() -> None:
    paths = ("/api/industries", "/api/industries/{industry}", "/api/industries/{industry}/categories")
    routes = {(event["Method"], event["Path"]) for event in EVENTS}
    assert routes == {(method, path) for method in ("GET", "OPTIONS") for path in paths}


def test_only_preflights_need_no_key() -> None:
    assert TEMPLATE.properties("IndustriesApi")["Auth"]["ApiKeyRequired"] is True
    for event in EVENTS:
        assert (event.get("Auth") == {"ApiKeyRequired": False}) == (event["Method"] == "OPTIONS")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_its_handler_and_its_build_target(name: str) -> None:
    module, _, handler = FUNCTIONS[name]["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), handler))
    assert TEMPLATE.resources[name]["Metadata"] == {"BuildMethod": "makefile"}
    assert f"build-{name}" in (FOLDER / "Makefile").read_text().split(".PHONY:")[1].splitlines()[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_environment_is_what_the_settings_read(name: str) -> None:
    given = {variable.lower() for variable in FUNCTIONS[name]["Environment"]["Variables"]}
    required = {field for field, info in IndustriesSettings.model_fields.items() if info.is_required()}
    assert required | set(FunctionSettings.model_fields) <= given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_read_items_and_nothing_else(name: str) -> None:
    ((statement,),) = (policy["Statement"] for policy in FUNCTIONS[name]["Policies"])
    assert statement["Action"] == "dynamodb:GetItem"
    assert "*" not in str(statement["Resource"])


def test_tables_and_buckets_are_retained() -> None:
    table = TEMPLATE.resources["IndustriesTable"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_outputs_name_the_api_and_the_resources() -> None:
    assert {"ApiUrl", "TableName"} <= set(TEMPLATE.section("Outputs"))
