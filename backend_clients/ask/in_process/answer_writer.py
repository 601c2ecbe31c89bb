"""Letting a model write, sentence by sentence, and falling back to the stories' own words."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from backend_clients.ask.in_process.grounding import Grounding, as_markdown, plain
from backend_clients.ask.in_process.llm import ChatModel, ModelError, OutputTruncated, TokenBudget, iter_with_deadline
from backend_clients.ask.in_process.prompt import Prompt, retry_prompt
from contracts.ask import DegradedReason

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?:\s*\[\d+\])*\s+(?=\S)")
_TRIES: Final = 2
ANSWER_SECONDS: Final = 20.0  # for all tries: then the stories' own words serve

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """A model's prose, or "" and why the extractive answer has to stand in."""

    text: str
    degraded: DegradedReason = DegradedReason.NO


class AnswerWriter:
    """Asks the model, at most twice: once more with the offenders named when its prose is not grounded."""

    def __init__(self, model: ChatModel, budget: TokenBudget) -> None:
        self.model = model
        self._budget = budget

    def write(self, prompt: Prompt, grounding: Grounding, sources: int, on_text: OnText) -> WrittenAnswer:
        """Write an answer. `on_text` gets all grounded text so far, whole sentences only, as it comes."""
        reminder = ""
        deadline = time.monotonic() + ANSWER_SECONDS
        for _ in range(_TRIES):
            if not self._budget.left():
                return WrittenAnswer("", DegradedReason.BUDGET)
            try:
                pieces = iter_with_deadline(self.model.stream(prompt, reminder), deadline)
                text, offenders = self._attempt(prompt, pieces, grounding, sources, on_text)
            except ModelError:
                return WrittenAnswer("", DegradedReason.MODEL_DOWN)
            if not offenders:
                return WrittenAnswer(text, DegradedReason.NO if text else DegradedReason.MODEL_DOWN)
            reminder = retry_prompt(offenders)
        return WrittenAnswer("", DegradedReason.UNGROUNDED)

    def _attempt(
        self, prompt: Prompt, pieces: Iterator[str], grounding: Grounding, sources: int, on_text: OnText
    ) -> tuple[str, list[str]]:
        text = prose = ""
        try:
            for shown, prose in _by_sentence(pieces):  # noqa: B007  read after the loop
                words = plain(shown, sources)
                if offenders := grounding.offenders(words):
                    return "", offenders
                text = as_markdown(words)
                on_text(text)
        finally:
            self._budget.spend(prompt.system, prompt.user, prose)
        return text, []


def _by_sentence(pieces: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Whole sentences so far, and everything so far, each time a sentence ends; one that was cut short is left out."""
    prose, shown = "", 0
    try:
        for piece in pieces:
            prose += piece
            ends = [match.end() for match in _SENTENCE_END.finditer(prose)]
            if ends and ends[-1] > shown:
                shown = ends[-1]
                yield prose[:shown], prose
    except OutputTruncated:
        return
    if prose:
        yield prose, prose
