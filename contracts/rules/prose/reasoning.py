"""Removes the thoughts of a reasoning model from its answer."""

import re
from typing import Final

MAX_ANSWER: Final = 8000  # characters; far more than a model is given room for

_NAMES: Final = r"(?:[a-z][\w-]{0,15}:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis)"
_TAG: Final = re.compile(
    rf"<\|?\s?(?P<close>/?)\s?\|?(?:{_NAMES})\b[^<>]*>|[\[\u25c1]\s?(?P<end>/?)\s?think(?:ing)?\s?[\]\u25b7]",
    re.IGNORECASE,
)
_HALF_TAG: Final = re.compile(rf"<\|?\s?/?\s?(?:(?:{_NAMES})\b[^<>]*|[a-z]{{0,12}}\|?)\s*$", re.IGNORECASE)
_CHANNEL: Final = re.compile(r"<\|channel\|>")  # of models that mark what they think and what they answer as channels
_FINAL: Final = re.compile(r"<\|channel\|>\s*final\b[^<]{0,40}<\|message\|>")
_CHANNEL_END: Final = re.compile(r"<\|(?:start|end|return|call)\|>.*", re.DOTALL)
_TAIL: Final = 64  # characters in which a tag may have begun
_SENTENCE_END: Final = re.compile(r"[.!?\u2026](?:[\"')\u201d]*)(?:\s*\[\d+\])*(?=\s)")


def without_reasoning(text: str) -> str:
    """Remove `<think>` blocks, and channels other than the final one.

    Without its opening tag a block begins with the text; without its closing tag it ends with the text.
    """
    text = _final_channel(text)
    answer_text, depth, start = "", 0, 0
    for tag in _TAG.finditer(text):
        if tag["close"] or tag["end"]:
            answer_text = answer_text if depth else ""
            depth = max(0, depth - 1)
        else:
            answer_text += "" if depth else text[start : tag.start()]
            depth += 1
        start = tag.end()
    return answer_text + ("" if depth else text[start:])


def _final_channel(text: str) -> str:
    """What a text says on its final channel; all of a text without channels."""
    begun = _CHANNEL.search(text)
    if begun is None:
        return text
    *_, last = _FINAL.split(text)
    return _CHANNEL_END.sub("", last if _FINAL.search(text) else text[: begun.start()])


def answer_part(text: str, *, cut: bool) -> tuple[str, bool]:
    """Return the answer in a model's text, and whether part of it is missing.

    Of a text that was cut off, or is too long, whole sentences stay: those that something follows, be it a thought.
    """
    answer = without_reasoning(text).lstrip()
    answer = answer[:-_TAIL] + _HALF_TAG.sub("", answer[-_TAIL:])
    if len(answer) <= MAX_ANSWER and not cut:
        return answer.rstrip(), False
    ends = [match.end() for match in _SENTENCE_END.finditer(answer[:MAX_ANSWER])]
    return answer[: ends[-1] if ends else 0], True
