"""Redacts personal details in visitors' input before it is stored."""

import re
from typing import Any, Final

_PATTERNS: Final = (
    # Anchored at the start of a run and possessive, so that long runs take linear time.
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![\w-])\+?\d(?:[\s().-]{0,2}\d){8,18}(?![\w-])"), "[number]"),
    (re.compile(r"\d{7,}"), "[number]"),
)


def redact(text: str) -> str:
    """Replace e-mail addresses, phone and card numbers (9 to 19 digits) and runs of seven digits or more."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_json(value: Any) -> Any:
    """Return the JSON value with every string redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    if isinstance(value, dict):
        return {key: redact_json(item) for key, item in value.items()}
    return value
