"""Splits a story's interview questions into single questions."""

import re
from collections.abc import Iterator
from typing import Final

from contracts.story import Story

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_QUOTES: Final = r"\"'\u2018\u2019\u201c\u201d"
_NUMBERING: Final = (
    r"(?:[-*\u2022\u2013\u2014]\s*|\(?(?:q(?:uestion)?\s?)?[0-9]{1,2}[.):](?:\s+|$)|q(?:uestion)?\s?:\s+)"
)
_REQUESTS: Final = r"(?:describe|discuss|explain|give|name|outline|share|show|talk|tell|walk)\b"
_ASKING: Final = rf"(?:{_REQUESTS}|(?:and|but|can|could|did|do|have|how|if|what|when|where|which|who|why|would)\b)"
_BETWEEN: Final = re.compile(
    rf"\s\u2022\s|(?<=\?)(?!\?)|(?<=[.!])[{_QUOTES})\]]*\s+(?=[{_QUOTES}]?{_NUMBERING}?[{_QUOTES}]?{_ASKING})",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(rf"^(?:[\s{_QUOTES},;/|()\[\]!]+|{_NUMBERING})+", re.IGNORECASE)
_TRAILING: Final = re.compile(rf"[\s{_QUOTES},;/|]+$")


def interview_questions(story: Story) -> list[str]:
    """Single questions, also where one string holds several, numbered or in quotes; none twice.

    A sentence that asks for nothing belongs to the question that follows it.
    """
    lines = [line for text in story.interview_questions for line in text.splitlines()]
    return list(dict.fromkeys(question for line in lines for question in _single_questions(printable(line))))


def _single_questions(line: str) -> Iterator[str]:
    question = ""
    for part in _BETWEEN.split(line):
        question = f"{question} {_TRAILING.sub('', _LEADING.sub('', part))}".strip()
        if question.endswith("?") or re.match(_REQUESTS, question, re.IGNORECASE):
            yield question
            question = ""
    if re.search(r"\w", question):
        yield question


def printable(text: str) -> str:
    """Replace control characters, which stories may hold and requests may not, by spaces."""
    return _CONTROL.sub(" ", text)
