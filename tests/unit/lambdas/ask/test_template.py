"""The ask stack's template: it is sound, and it fits the code it deploys."""

import importlib
from typing import Any

import pytest

from lambdas.ask.settings import ConversationSettings, ExportSettings, SearchApiSettings, StoriesApiSettings
from lambdas.common.models.llm import ModelSettings
from lambdas.local.stack.template import read_templates
from tests.support.stacks.ask import TEMPLATE

STACK = read_templates([TEMPLATE])[0]
FUNCTIONS = {name: STACK.properties(name) for name in STACK.of_type("AWS::Serverless::Function")}
SETTINGS = {
    "GenerateFunction": (ConversationSettings, SearchApiSettings, StoriesApiSettings, ModelSettings),
    "RerankFunction": (StoriesApiSettings,),
    "MatchFunction": (SearchApiSettings, StoriesApiSettings),
    "ReadHistoryFunction": (ConversationSettings,),
    "AppendHistoryFunction": (ConversationSettings,),
    "ForgetHistoryFunction": (ConversationSettings,),
    "FeedbackFunction": (ConversationSettings,),
    "ExportFunction": (ExportSettings,),
}
RIGHTS = {
    "GenerateFunction": {"dynamodb:Query", "dynamodb:UpdateItem", "secretsmanager:GetSecretValue"},
    "RerankFunction": set(),
    "MatchFunction": set(),
    "ReadHistoryFunction": {"dynamodb:Query"},
    "AppendHistoryFunction": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "ForgetHistoryFunction": {
        *("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"),
    },
    "FeedbackFunction": {"dynamodb:UpdateItem"},
    "ExportFunction": {
        *("dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"),
        *("s3:ListBucket", "s3:ListBucketVersions"),
    },
}


def test_the_functions_answer_the_routes() -> None:
    routes = {
        (event["Properties"]["Method"], event["Properties"]["Path"])
        for function in FUNCTIONS.values()
        for event in function["Events"].values()
        if event["Type"] == "Api"
    }
    answered = {
        "/api/ask/generate": {"POST"},
        "/api/ask/rerank": {"POST"},
        "/api/ask/match": {"POST"},
        "/api/ask/history": {"GET", "POST", "DELETE"},
        "/api/ask/feedback": {"POST"},
    }
    assert routes == {(method, path) for path, methods in answered.items() for method in (*methods, "OPTIONS")}


def test_only_preflights_need_no_key() -> None:
    assert STACK.properties("AskApi")["Auth"]["ApiKeyRequired"] is True
    for function in FUNCTIONS.values():
        for event in function["Events"].values():
            keyless = event["Properties"].get("Auth") == {"ApiKeyRequired": False}
            assert keyless == (event["Properties"].get("Method") == "OPTIONS")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_is_where_the_template_says(name: str) -> None:
    module, _, handler = FUNCTIONS[name]["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), handler))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sam_finds_a_build_target(name: str) -> None:
    assert STACK.resources[name]["Metadata"] == {"BuildMethod": "makefile"}
    assert name in (TEMPLATE.parent / "Makefile").read_text()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_environment_is_what_the_settings_read(name: str) -> None:
    given = {variable.lower() for variable in FUNCTIONS[name]["Environment"]["Variables"]}
    shared = {"allowed_origins", "code_version", "powertools_service_name"}
    read = {field for settings in SETTINGS[name] for field in settings.model_fields}
    assert given - shared == read - shared


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_nothing_else(name: str) -> None:
    policies = [policy.get("Fn::If", [None, policy])[1] for policy in FUNCTIONS[name].get("Policies", ())]
    statements = [item for policy in policies for item in policy["Statement"]]
    assert {action for item in statements for action in _listed(item["Action"])} == RIGHTS[name]
    assert not any("*" in _listed(item["Resource"]) for item in statements)


def test_secrets_are_not_shown() -> None:
    for name, parameter in STACK.section("Parameters").items():
        assert parameter.get("NoEcho", False) == name.endswith("ApiKey")


def test_what_holds_data_outlives_the_stack() -> None:
    for name in ("ConversationsTable", "ExportBucket"):
        assert STACK.resources[name]["DeletionPolicy"] == STACK.resources[name]["UpdateReplacePolicy"] == "Retain"


def test_generate_has_time_for_a_model() -> None:
    assert FUNCTIONS["GenerateFunction"]["Timeout"] == 20


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
