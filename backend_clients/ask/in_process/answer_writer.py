"""Writes answers with a model, sentence by sentence, and keeps the grounded part."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from backend_clients.ask.in_process.llm import (
    ChatModel,
    ModelError,
    ModelRefused,
    OutputTruncated,
    TokenBudget,
    iter_with_deadline,
)
from backend_clients.ask.in_process.plain_text import as_markdown, plain
from backend_clients.ask.in_process.prompt import Prompt, retry_prompt
from contracts.ask import DegradedReason
from contracts.rules.prose.grounding import GroundingSources, with_marks
from contracts.rules.prose.reasoning import answer_part

_log = logging.getLogger(__name__)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?:\s*\[\d+\])*\s+(?=\S)")
_WIDEST_END: Final = 40  # characters from a full stop, its marks included, to the next sentence
_TRIES: Final = 2
ANSWER_SECONDS: Final = 20.0  # for all tries: then the stories' own words serve

OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """A model's prose, or "" and the reason. With `PARTLY` the composed answer follows it."""

    text: str
    degraded: DegradedReason = DegradedReason.NO


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The grounded part of one reply, its offenders, and whether the model failed before its end."""

    grounded: str
    offenders: tuple[str, ...] = ()
    failed: bool = False


class AnswerWriter:
    """Asks the model, at most twice: once more with the offenders named when its prose is not grounded."""

    def __init__(self, model: ChatModel, budget: TokenBudget) -> None:
        self.model = model
        self._budget = budget

    def write(self, prompt: Prompt, grounding: GroundingSources, sources: int, on_text: OnText) -> WrittenAnswer:
        """Write an answer. `on_text` gets all grounded text so far, whole sentences only, as it comes."""
        reminder = grounded = ""
        deadline = time.monotonic() + ANSWER_SECONDS
        for _ in range(_TRIES):
            if not self._budget.left():
                return _ended(grounded, DegradedReason.BUDGET)
            pieces = iter_with_deadline(self.model.stream(prompt, reminder, deadline), deadline)
            attempt = self._attempt(prompt, pieces, grounding, sources, on_text)
            if attempt.grounded and not (attempt.offenders or attempt.failed):
                return WrittenAnswer(as_markdown(attempt.grounded))
            grounded = attempt.grounded or grounded
            if not attempt.offenders:
                return _ended(grounded, DegradedReason.MODEL_DOWN)
            reminder = retry_prompt(attempt.offenders)
        _log.warning("the model's answer is not grounded: %d offenders", len(attempt.offenders))
        return _ended(grounded, DegradedReason.UNGROUNDED)

    def _attempt(
        self, prompt: Prompt, pieces: Iterator[str], grounding: GroundingSources, sources: int, on_text: OnText
    ) -> _Attempt:
        reply = _Reply(pieces)
        shown, may_show = "", True
        try:
            for sentences in reply.sentences():
                words = plain(answer_part(sentences, cut=False)[0], sources) if may_show else ""
                # What must not be said may be a thought whose end is still to come: the whole reply decides.
                may_show = may_show and not grounding.offenders(words)
                if may_show and (marked := with_marks(words)) and marked != shown:
                    shown = marked
                    on_text(as_markdown(marked))
        finally:
            self._budget.spend(prompt.system, prompt.user, reply.text)
        if reply.refused:
            return _Attempt("", failed=True)
        review = grounding.review(plain(answer_part(reply.text, cut=reply.cut)[0], sources))
        if review.grounded and not review.offenders and not reply.failed:
            on_text(as_markdown(review.grounded))
        return _Attempt(review.grounded, () if reply.failed else review.offenders, reply.failed)


class _Reply:
    """A model's text as it comes, and how it ended."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.text = ""
        self.cut = self.failed = self.refused = False

    def sentences(self) -> Iterator[str]:
        """Whole sentences so far, each time one ends."""
        shown = 0
        try:
            for piece in self._pieces:
                self.text += piece
                ends = [
                    match.end()
                    for match in _SENTENCE_END.finditer(
                        self.text, max(shown, len(self.text) - len(piece) - _WIDEST_END)
                    )
                ]
                if ends:
                    shown = ends[-1]
                    yield self.text[:shown]
        except OutputTruncated:
            self.cut = True
        except ModelError as error:
            _log.warning("the model gave no whole answer: %s", error)
            self.cut = self.failed = True
            self.refused = isinstance(error, ModelRefused)


def _ended(grounded: str, reason: DegradedReason) -> WrittenAnswer:
    """Return the grounded part of an unfinished answer, or the reason if nothing was grounded."""
    return WrittenAnswer(as_markdown(grounded), DegradedReason.PARTLY) if grounded else WrittenAnswer("", reason)
