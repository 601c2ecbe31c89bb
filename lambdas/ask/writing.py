"""Who writes an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from contracts.ask import AnswerMode, Degraded
from contracts.story import Story
from lambdas.ask.prompt import Prompt
from lambdas.common.http_calls import OnBehalf

EXTRACTIVE: Final = "extractive"


@dataclass(frozen=True)
class Draft:
    """What an answer is written from: the prompt, the cited stories, and the text they were composed to."""

    prompt: Prompt
    cited: Sequence[Story]
    composed: str
    corpus_version: str


@dataclass(frozen=True)
class Written:
    """An answer's text, who wrote it, and why it is no model's if one should have written it."""

    text: str
    model: str = EXTRACTIVE
    degraded: Degraded = Degraded.NO


class Writer:
    def write(self, draft: Draft, mode: AnswerMode, caller: OnBehalf) -> Written:
        return Written(draft.composed)


@cache
def writer() -> Writer:
    """The writer of this process."""
    return Writer()
