"""The search stack's template: valid, and consistent with the code that it deploys."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lambdas.common.settings import FunctionSettings
from lambdas.search.settings import SearchSettings
from tests.unit.lambdas.stories.test_template import TemplateLoader

FOLDER = Path(__file__).resolve().parents[4] / "lambdas" / "search"
TEMPLATE: dict[str, Any] = yaml.load((FOLDER / "template.yaml").read_text(), TemplateLoader)
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
SECRETS = [name for name in TEMPLATE["Parameters"] if name.endswith("KeyArn")]


def test_the_functions_answer_the_three_routes() -> None:
    routes = {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for function in FUNCTIONS.values()
        for event in function["Events"].values()
    }
    paths = ("/api/search/semantic", "/api/search/keyword", "/api/search/hybrid")
    assert routes == {(method, path) for method in ("POST", "OPTIONS") for path in paths}


def test_only_preflights_need_no_key() -> None:
    assert TEMPLATE["Resources"]["SearchApi"]["Properties"]["Auth"]["ApiKeyRequired"] is True
    for function in FUNCTIONS.values():
        for event in function["Events"].values():
            keyless = event["Properties"].get("Auth") == {"ApiKeyRequired": False}
            assert keyless == (event["Properties"]["Method"] == "OPTIONS")


@pytest.mark.parametrize("name", FUNCTIONS, ids=str)
def test_a_function_has_its_handler_and_its_build_target(name: str) -> None:
    module, _, handler = FUNCTIONS[name]["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), handler))
    assert TEMPLATE["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}
    assert f"build-{name}" in (FOLDER / "Makefile").read_text().split(".PHONY:")[1].splitlines()[0]


def test_the_environment_is_what_the_settings_read() -> None:
    everywhere = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    required = {name for name, field in SearchSettings.model_fields.items() if field.is_required()}
    assert required | set(FunctionSettings.model_fields) <= {name.lower() for name in everywhere}
    for name, function in FUNCTIONS.items():
        own = set(function.get("Environment", {}).get("Variables", {}))
        known = {field.upper() for field in SearchSettings.model_fields} | {
            "POWERTOOLS_SERVICE_NAME",
            "OPENBLAS_NUM_THREADS",
        }
        assert own | everywhere <= known, name


def test_keyword_search_gets_no_keys() -> None:
    assert "Environment" not in FUNCTIONS["KeywordSearchFunction"]
    assert len(SECRETS) == 3


@pytest.mark.parametrize("name", SECRETS)
def test_a_providers_key_is_given_by_its_secret_alone(name: str) -> None:
    pattern = re.compile(TEMPLATE["Parameters"][name]["AllowedPattern"])
    assert pattern.fullmatch("arn:aws:secretsmanager:eu-west-1:123456789012:secret:mattgpt/openai-a1B2c3")
    assert pattern.fullmatch("")
    assert not pattern.fullmatch("sk-a-plain-key")


def test_the_functions_have_least_privilege() -> None:
    for function in FUNCTIONS.values():
        own = [policy for policy in function["Policies"] if "If" not in policy]
        (*reads_secrets,) = (policy["If"][1]["Statement"] for policy in function["Policies"] if "If" in policy)
        assert len(reads_secrets) == ("Environment" in function)
        assert all(item["Action"] == "secretsmanager:GetSecretValue" for policy in reads_secrets for item in policy)
        allowed = {
            (action, str(statement["Resource"]))
            for policy in own
            for statement in policy["Statement"]
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        assert {action for action, _ in allowed} == {"dynamodb:GetItem", "dynamodb:PutItem", "s3:GetObject"}
        assert [resource for action, resource in allowed if action == "dynamodb:PutItem"] == [
            "{'GetAtt': 'CacheTable.Arn'}"
        ]


def test_tables_and_buckets_are_retained_and_the_cache_is_deleted() -> None:
    for name, policy in (("IndexTable", "Retain"), ("IndexBucket", "Retain"), ("CacheTable", "Delete")):
        assert TEMPLATE["Resources"][name]["DeletionPolicy"] == policy
    assert TEMPLATE["Resources"]["CacheTable"]["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }


def test_the_outputs_name_the_api_and_the_resources() -> None:
    assert {"ApiUrl", "TableName", "IndexBucket", "CacheTable"} <= set(TEMPLATE["Outputs"])
