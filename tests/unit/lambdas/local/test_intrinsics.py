"""CloudFormation's intrinsic functions and conditions."""

from typing import Any

import pytest

from lambdas.local.stack.intrinsics import Resolver

NAMES = {"Stage": "prod", "Flag": "true", "List": ["a", "b"], "AWS::Region": "eu-west-1"}

resolver = Resolver(
    ref=NAMES.__getitem__,
    attribute=lambda logical_id, attribute: f"<{logical_id}.{attribute}>",
    import_value=lambda name: f"<import {name}>",
    conditions={
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "HasFlag": {"Fn::Equals": [{"Ref": "Flag"}, True]},
        "NoFlag": {"Fn::Not": [{"Condition": "HasFlag"}]},
    },
)


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Fn::GetAtt": "Queue.Arn"}, "<Queue.Arn>"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "<Queue.Arn>"),
        ({"Fn::Sub": "${Stage}-${Queue.Arn}-${!Literal}-${AWS::Region}"}, "prod-<Queue.Arn>-${Literal}-eu-west-1"),
        ({"Fn::Sub": ["${x}/${Stage}", {"x": {"Ref": "Flag"}}]}, "true/prod"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, 3]]}, "a-prod-3"),
        ({"Fn::Join": ["-", {"Ref": "List"}]}, "a-b"),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
        ({"Fn::If": ["NoFlag", "yes", "no"]}, "no"),
        ({"Fn::ImportValue": {"Fn::Sub": "${Stage}-bus"}}, "<import prod-bus>"),
        ({"a": [{"Ref": "AWS::NoValue"}, 1], "b": {"Ref": "AWS::NoValue"}}, {"a": [1]}),
        ({"plain": "value"}, {"plain": "value"}),
    ],
)
def test_a_node_resolves(node: Any, value: Any) -> None:
    assert resolver.resolve(node) == value


@pytest.mark.parametrize(
    ("node", "error"),
    [
        ({"Ref": "Nobody"}, KeyError),
        ({"Fn::Cidr": ["10.0.0.0/8", 1, 8]}, ValueError),
        ({"Fn::Select": [0, ["a"]]}, ValueError),
        ({"Fn::If": ["Unknown", 1, 2]}, KeyError),
        ({"Fn::Join": "-"}, ValueError),
    ],
)
def test_an_unresolvable_node_is_an_error(node: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        resolver.resolve(node)
