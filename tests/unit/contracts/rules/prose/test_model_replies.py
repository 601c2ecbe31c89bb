"""Replies of chat models are read in every form that providers give them."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.prose.model_replies import (
    Ending,
    ending_of,
    error_code,
    is_quota_error,
    is_refusal,
    part_of,
    rejected_parameter,
    text_of,
    tokens_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
FIELDS = ("type", "text", "value", "content", "total_tokens", "refusal")
ANYTHING = JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("words", "words"),
        (["wo", "rds"], "words"),
        ([{"type": "text", "text": "wo"}, {"type": "output_text", "text": "rds"}], "words"),
        ([{"text": "words"}], "words"),
        ([{"type": "text", "text": {"value": "words"}}], "words"),
        ([SimpleNamespace(type="text", text="words")], "words"),
        ([{"type": "thinking", "thinking": "hm", "text": "hm"}, {"type": "text", "text": "words"}], "words"),
        ([{"type": "image_url", "image_url": {}}, {"type": "text"}, None, 7], ""),
        *((nothing, "") for nothing in (None, 7, b"bytes", {"text": "words"}, [])),
    ],
)
def test_content_is_text_or_parts_of_it(content: Any, text: str) -> None:
    assert text_of(content) == text


@pytest.mark.parametrize("value", [{"a": 1}, SimpleNamespace(a=1)])
def test_a_field_is_read_of_mappings_and_objects(value: Any) -> None:
    assert (part_of(value, "a"), part_of(value, "b"), part_of(None, "a")) == (1, None, None)


@pytest.mark.parametrize(
    ("finish", "text", "ending"),
    [
        ("stop", "no full stop", Ending.WHOLE),
        ("end_turn", "no full stop", Ending.WHOLE),
        *((name, "It was.", Ending.TRUNCATED) for name in ("length", "max_tokens", "model_length")),
        *(
            (None, text, Ending.WHOLE)
            for text in ("It was.", "It was [1].", "It was. [1]", "It was [1]", "Why?", 'He said "so."', "")
        ),
        *((None, text, Ending.BROKEN) for text in ("It wa", "It grew 4.", "It was,", "It was [1")),
    ],
)
def test_how_a_reply_ended(finish: str | None, text: str, ending: Ending) -> None:
    assert ending_of(finish, text) is ending


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"total_tokens": 7}, 7),
        (SimpleNamespace(total_tokens=0), 0),
        *((usage, None) for usage in (None, {}, [], "7", {"total_tokens": "7"}, {"total_tokens": True})),
        ({"total_tokens": -1}, None),
        ({"total_tokens": 1.5}, None),
    ],
)
def test_tokens_are_a_number_or_unknown(usage: Any, tokens: int | None) -> None:
    assert tokens_of(usage) == tokens


@pytest.mark.parametrize(
    ("message", "finish", "refused"),
    [
        ({"refusal": "no"}, "stop", True),
        ({"content": "words"}, "content_filter", True),
        ({"refusal": None}, "stop", False),
        (None, None, False),
    ],
)
def test_refusals(message: Any, finish: str | None, refused: bool) -> None:
    assert is_refusal(message, finish) is refused


@pytest.mark.parametrize(
    ("code", "kind", "message", "used_up"),
    [
        ("insufficient_quota", None, "", True),
        (None, "insufficient_quota", "", True),
        (None, None, "You exceeded your current quota, please check your plan.", True),
        ("billing_hard_limit_reached", None, "", True),
        (1113, None, "Insufficient balance", True),
        ("rate_limit_exceeded", "requests", "Rate limit reached for requests", False),
        (None, None, "", False),
    ],
)
def test_quotas_are_no_rate_limits(code: Any, kind: Any, message: str, used_up: bool) -> None:
    assert is_quota_error(code, kind, message) is used_up


SENT = {"temperature": 0.2, "max_tokens": 5}


@pytest.mark.parametrize(
    ("param", "message", "name"),
    [
        ("temperature", "", "temperature"),
        (None, "Unsupported value: 'temperature' does not support 0.2", "temperature"),
        (None, "Use 'max_tokens', for temperature is odd", "max_tokens"),
        (None, "extra inputs: temperatures", ""),
        ("model", "no such model", ""),
        ({"name": "temperature"}, "", ""),
        ("max_completion_tokens", "max_completion_tokens is unknown", ""),
    ],
)
def test_the_parameter_that_an_error_is_about(param: Any, message: str, name: str) -> None:
    assert rejected_parameter(param, message, SENT) == name


@pytest.mark.parametrize(
    ("code", "logged"), [("rate_limit", "rate_limit"), ("sk-secret 1", ""), (429, ""), (None, ""), ("x" * 80, "")]
)
def test_a_code_is_logged_if_it_is_one_word(code: Any, logged: str) -> None:
    assert error_code(code) == logged


@given(ANYTHING | st.lists(ANYTHING, max_size=3))
def test_nothing_that_comes_is_an_error(value: Any) -> None:
    assert isinstance(text_of(value), str)
    assert tokens_of(value) is None or isinstance(tokens_of(value), int)
    assert is_refusal(value, None) in (True, False)
