"""Reads a chat model's reply as providers send it: its text, how it ended, and what an error is about."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

MAX_REPLY: Final = 200_000  # characters, what the model thinks included

_FILTERED: Final = "content_filter"
_TRUNCATED: Final = ("length", "max_tokens", "model_length")
_SENTENCE_END: Final = re.compile(r"(?:(?<!\d)\.|[!?\u2026])[\"')\u201d]*(?:\s*\[\d+\])*\s*\Z|\]\s*[.!?]?\s*\Z")
_QUOTA: Final = re.compile(
    r"insufficient_quota|billing_hard_limit|exceeded your current quota|insufficient balance", re.I
)
_CODE: Final = re.compile(r"[a-z][a-z_]{2,40}")


class Ending(StrEnum):
    """How a reply ended: complete, at the limit of tokens, or broken off."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    BROKEN = "broken"


def part_of(value: object, name: str) -> Any:
    """Read a field of an object or a mapping; None if it is missing."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def text_of(content: object) -> str:
    """Read the text of a message's content, a string or a list of parts; parts without text are skipped."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence) or isinstance(content, bytes):
        return ""
    return "".join(part if isinstance(part, str) else _text_part(part) for part in content)


def is_refusal(message: object, finish: object) -> bool:
    """Whether the model, or a filter, refuses to answer."""
    return bool(part_of(message, "refusal")) or finish == _FILTERED


def ending_of(finish: object, text: str) -> Ending:
    """Classify the end of a text. Without a `finish_reason` a text is whole if it ends with a sentence."""
    if finish in _TRUNCATED:
        return Ending.TRUNCATED
    if finish or not text.strip() or _SENTENCE_END.search(text):
        return Ending.WHOLE
    return Ending.BROKEN


def tokens_of(usage: object) -> int | None:
    """Read the tokens that a call cost; None unless the provider gives a number."""
    total = part_of(usage, "total_tokens")
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


def is_quota_error(code: object, kind: object, message: str) -> bool:
    """Whether a 429 means an exhausted quota, which a retry cannot fix."""
    return any(_QUOTA.search(str(text)) for text in (code, kind, message) if text)


def rejected_parameter(param: object, message: str, sent: Collection[str]) -> str:
    """Find the sent parameter that an error names; "" if it names none."""
    if isinstance(param, str) and param in sent:
        return param
    named = {name: found.start() for name in sent if (found := re.search(rf"\b{re.escape(name)}\b", message))}
    return min(named, key=lambda name: named[name], default="")


def error_code(code: object) -> str:
    """Return an error code that may be logged: one word; else ""."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _text_part(part: object) -> str:
    if part_of(part, "type") not in (None, "text", "output_text"):
        return ""
    text = part_of(part, "text")
    return text if isinstance(text, str) else text_of(part_of(text, "value"))
