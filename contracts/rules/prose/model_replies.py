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
    """How a reply ended: by itself, for want of room, or because it broke off."""

    WHOLE = "whole"
    TRUNCATED = "truncated"
    BROKEN = "broken"


def part_of(value: object, name: str) -> Any:
    """A field of an object or of a mapping; None where there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def text_of(content: object) -> str:
    """The text of a message's content: a string, or a list of parts. Parts that are not text are left out."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence) or isinstance(content, bytes):
        return ""
    return "".join(part if isinstance(part, str) else _text_part(part) for part in content)


def is_refusal(message: object, finish: object) -> bool:
    """Whether the model, or a filter, refuses to answer."""
    return bool(part_of(message, "refusal")) or finish == _FILTERED


def ending_of(finish: object, text: str) -> Ending:
    """How a text ended. A provider that gives no reason is believed if the text ends with a sentence."""
    if finish in _TRUNCATED:
        return Ending.TRUNCATED
    if finish or not text.strip() or _SENTENCE_END.search(text):
        return Ending.WHOLE
    return Ending.BROKEN


def tokens_of(usage: object) -> int | None:
    """The tokens that a call cost; None where the provider does not say, or says something else."""
    total = part_of(usage, "total_tokens")
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


def is_quota_error(code: object, kind: object, message: str) -> bool:
    """Whether a 429 says that the account is used up, which waiting does not mend."""
    return any(_QUOTA.search(str(text)) for text in (code, kind, message) if text)


def rejected_parameter(param: object, message: str, sent: Collection[str]) -> str:
    """The parameter that an error names, of those that were sent; "" if it names none."""
    if isinstance(param, str) and param in sent:
        return param
    named = {name: found.start() for name in sent if (found := re.search(rf"\b{re.escape(name)}\b", message))}
    return min(named, key=lambda name: named[name], default="")


def error_code(code: object) -> str:
    """A provider's error code, if it is one word that may be logged."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _text_part(part: object) -> str:
    if part_of(part, "type") not in (None, "text", "output_text"):
        return ""
    text = part_of(part, "text")
    return text if isinstance(text, str) else text_of(part_of(text, "value"))
