"""What every stack's template has to have, whatever its domain."""

from pathlib import Path
from typing import Any

import pytest

from lambdas.local.stack.template import Template, read_templates

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
STACKS = {template.name: template for template in read_templates(sorted(LAMBDAS.glob("*/template.yaml")))}

each_stack = pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)


def api(stack: Template) -> dict[str, Any]:
    (name,) = stack.of_type("AWS::Serverless::Api")
    return stack.properties(name)


@each_stack
def test_a_body_of_json_comes_as_the_bytes_that_were_sent(stack: Template) -> None:
    assert api(stack)["BinaryMediaTypes"] == ["application~1json"]


@each_stack
def test_the_stage_is_throttled_like_the_usage_plan_since_preflights_have_no_key(stack: Template) -> None:
    plan = api(stack)["Auth"]["UsagePlan"]["Throttle"]
    assert api(stack)["MethodSettings"] == [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "ThrottlingRateLimit": plan["RateLimit"],
            "ThrottlingBurstLimit": plan["BurstLimit"],
        }
    ]


@each_stack
def test_access_logs_hold_no_query_no_address_and_no_path_with_an_id(stack: Template) -> None:
    condition, setting, otherwise = api(stack)["AccessLogSetting"]["Fn::If"]
    assert (condition, otherwise) == ("HasAccessLogs", {"Ref": "AWS::NoValue"})
    for leaking in ("querystring", "$context.path", "sourceIp", "userAgent", "header", 'apiKey"'):
        assert leaking not in setting["Format"]
    assert "$context.requestId" in setting["Format"]


@each_stack
def test_what_is_retained_cannot_be_deleted_by_mistake(stack: Template) -> None:
    for name in stack.of_type("AWS::DynamoDB::Table"):
        retained = stack.resources[name]["DeletionPolicy"] == "Retain"
        assert stack.properties(name).get("DeletionProtectionEnabled", False) is retained
