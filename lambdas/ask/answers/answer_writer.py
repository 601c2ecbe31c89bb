"""Writes an answer: a model's prose where it is grounded, else what was composed from the stories."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.ask import EXTRACTIVE, DegradedReason
from contracts.ask_prompt import MAX_ANSWER_TOKENS
from contracts.rules.prose.grounding import GroundingSources
from contracts.rules.prose.model_replies import Ending
from contracts.rules.prose.reasoning import answer_part
from contracts.story import Story
from lambdas.ask.answers.grounding_context import GroundingContextReader
from lambdas.ask.answers.plain_text import as_markdown, plain_prose
from lambdas.ask.answers.prompt import Prompt, retry_prompt
from lambdas.ask.retrieval.stories_client import stories_api
from lambdas.ask.settings import conversation_settings
from lambdas.common.aws.clients import dynamodb_client
from lambdas.common.http.service_client import CallContext
from lambdas.common.models.llm import ChatModel, ModelDown, chat_model, model_settings
from lambdas.common.models.token_budget import TokenBudget
from lambdas.common.observability import logger

MODEL_SECONDS: Final = 11.0  # for both tries
_TRIES: Final = 2
_CHARACTERS_A_TOKEN: Final = 3  # cautious: English has about four


@dataclass(frozen=True)
class AnswerDraft:
    """The material of an answer: the prompt, the cited stories, and the composed text.

    `unknown` are words of the question that no story mentions.
    """

    prompt: Prompt
    cited: Sequence[Story]
    composed: str
    corpus_version: str
    unknown: Sequence[str] = ()


@dataclass(frozen=True)
class WrittenAnswer:
    """The text of an answer, its author, and why a model did not write it if it should have."""

    text: str
    model: str = EXTRACTIVE
    degraded: DegradedReason = DegradedReason.NO


@dataclass(frozen=True)
class _Prose:
    """A model's answer in plain words, and why it broke off; "" if it did not."""

    words: str
    broken: str


class OverBudget(Exception):
    """The day's tokens are used up."""


class AnswerWriter:
    """Asks a model, and serves only the part of its prose that the stories support."""

    def __init__(self, model: ChatModel, budget: TokenBudget, context: GroundingContextReader) -> None:
        self._model = model
        self._budget = budget
        self._context = context

    def write(self, draft: AnswerDraft, caller: CallContext, deadline: float) -> WrittenAnswer:
        """Write prose that the cited stories support; after two failures, its grounded part and the composed text.

        Parameters
        ----------
        deadline
            When, by `time.monotonic()`, an answer is needed at the latest.

        Raises
        ------
        DependencyDown, Throttled
            The stories domain does not say which clients there are.
        """
        context = self._context.of(draft.corpus_version, caller)
        grounding = GroundingSources(draft.cited, context.clients, context.owner, draft.unknown)
        deadline = min(deadline, time.monotonic() + MODEL_SECONDS)
        user, grounded, reason = draft.prompt.user, "", DegradedReason.UNGROUNDED
        try:
            for _ in range(_TRIES):
                prose = self._ask(draft.prompt.system, user, len(draft.cited), deadline)
                review = grounding.review(prose.words)
                grounded = review.grounded or grounded
                if not review.grounded and not review.offenders:
                    raise ModelDown("nothing but formatting")
                if prose.broken:
                    raise ModelDown(prose.broken)
                if not review.offenders:
                    return WrittenAnswer(as_markdown(review.grounded), self._model.name)
                user = f"{draft.prompt.user}\n\n{retry_prompt(review.offenders)}"
            logger.warning("the model's answer is not grounded", extra={"offenders": len(review.offenders)})
        except ModelDown as error:
            logger.warning("the model is down", extra={"reason": str(error)})
            reason = DegradedReason.MODEL_DOWN
        except OverBudget:
            reason = DegradedReason.BUDGET
        return self._degraded(draft, grounded, reason)

    def _degraded(self, draft: AnswerDraft, grounded: str, reason: DegradedReason) -> WrittenAnswer:
        """Append the composed text to the grounded part of the prose."""
        if not grounded:
            return WrittenAnswer(draft.composed, degraded=reason)
        text = f"{as_markdown(grounded)}\n\n{draft.composed}"
        return WrittenAnswer(text, self._model.name, DegradedReason.PARTLY)

    def _ask(self, system: str, user: str, sources: int, deadline: float) -> _Prose:
        """Ask the model. Its cost is reserved first and corrected afterwards."""
        estimate = (len(system) + len(user)) // _CHARACTERS_A_TOKEN + MAX_ANSWER_TOKENS
        taken = self._budget.take(estimate)
        if taken is None:
            raise OverBudget
        used = 0
        try:
            completion = self._model.complete(system, user, deadline - time.monotonic())
            used = estimate if completion.tokens is None else completion.tokens
        finally:
            self._budget.settle(taken, used)
        answer, _ = answer_part(completion.text, cut=completion.ending is not Ending.WHOLE)
        return _Prose(plain_prose(answer, sources), completion.reason if completion.ending is Ending.BROKEN else "")


def author() -> AnswerWriter | None:
    """Build the writer of this process; None without a model."""
    model = chat_model()
    if model is None:
        return None
    daily = model_settings().llm_daily_tokens or None  # as in-process, 0 is no limit
    budget = TokenBudget(dynamodb_client(), conversation_settings().table_name, daily)
    return AnswerWriter(model, budget, GroundingContextReader(stories_api()))
