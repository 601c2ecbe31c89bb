"""Takes keys and addresses out of text that goes into a log, such as what a provider says of a failed call."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SECRET_NAME: Final = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_SHORTEST: Final = 6
_HEADER: Final = r"(?i)\b(authorization|x-api-key|api-key|cookie)"
_SET_TO: Final = r"(\\?[\"']?\s*[:=]\s*\\?[\"']?)"
_PATTERNS: Final = (
    (re.compile(_HEADER + _SET_TO + r"(?!\[)(?:(?:bearer|basic)\s+)?[^\s\"'\\,]+"), r"\1\2[key]"),
    (re.compile(r"(?i)\b(bearer)\s+(?!\[)[\w.~+/=*-]+"), r"\1 [key]"),
    (re.compile(r"\b(?:sk|pk|rk|pcsk)[-_][\w*-]{4,}"), "[key]"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), "[key]"),
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
)


def without_secrets(text: str, environment: Mapping[str, str] = MappingProxyType({})) -> str:
    """The text without what looks like a secret, and without values of variables named as keys, tokens and the like."""
    for name, value in environment.items():
        if len(value) >= _SHORTEST and _SECRET_NAME.search(name):
            text = text.replace(value, "[key]")
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
