"""Writes an answer: a model's prose where it is grounded, else what was composed from the stories."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from contracts.ask import EXTRACTIVE, DegradedReason
from contracts.ask_prompt import MAX_ANSWER_TOKENS
from contracts.story import Story
from lambdas.ask.answers.client_names import ClientNames
from lambdas.ask.answers.grounding import ungrounded
from lambdas.ask.answers.plain_text import as_markdown, plain_prose
from lambdas.ask.answers.prompt import Prompt, retry_prompt
from lambdas.ask.retrieval.stories_client import stories_api
from lambdas.ask.settings import conversation_settings
from lambdas.common.aws.clients import dynamodb_client
from lambdas.common.http.service_client import CallContext
from lambdas.common.models.llm import ChatModel, Completion, ModelDown, chat_model, model_settings
from lambdas.common.models.token_budget import TokenBudget
from lambdas.common.observability import logger

MODEL_SECONDS: Final = 11.0  # for both tries
_SENTENCE_END: Final = re.compile(r"[.!?](?:\s*\[\d+\])*(?=\s)")  # its marks belong to it
_CHARACTERS_A_TOKEN: Final = 3  # cautious: English has about four


@dataclass(frozen=True)
class AnswerDraft:
    """What an answer is written from: the prompt, the cited stories, and the text they were composed to."""

    prompt: Prompt
    cited: Sequence[Story]
    composed: str
    corpus_version: str


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer's text, who wrote it, and why it is no model's if one should have written it."""

    text: str
    model: str = EXTRACTIVE
    degraded: DegradedReason = DegradedReason.NO


class OverBudget(Exception):
    """The day's tokens are used up."""


class AnswerWriter:
    """A model that is held to the stories."""

    def __init__(self, model: ChatModel, budget: TokenBudget, clients: ClientNames) -> None:
        self._model = model
        self._budget = budget
        self._clients = clients

    def write(self, draft: AnswerDraft, caller: CallContext, deadline: float) -> WrittenAnswer:
        """Prose whose every figure and client stands in a cited story; if that fails twice, what was composed.

        Parameters
        ----------
        deadline
            When, by `time.monotonic()`, an answer is needed at the latest.

        Raises
        ------
        DependencyDown, Throttled
            The stories domain does not say which clients there are.
        """
        clients = self._clients.of(draft.corpus_version, caller)
        user = draft.prompt.user
        deadline = min(deadline, time.monotonic() + MODEL_SECONDS)
        try:
            for _ in range(2):
                prose = self._ask(draft.prompt.system, user, len(draft.cited), deadline)
                if not (offenders := ungrounded(prose, draft.cited, clients)):
                    return WrittenAnswer(as_markdown(prose), self._model.name)
                user = f"{draft.prompt.user}\n\n{retry_prompt(offenders)}"
        except ModelDown as error:
            logger.warning("the model is down", extra={"reason": str(error)}, exc_info=error)
            return WrittenAnswer(draft.composed, degraded=DegradedReason.MODEL_DOWN)
        except OverBudget:
            return WrittenAnswer(draft.composed, degraded=DegradedReason.BUDGET)
        logger.warning("the model's answer is not grounded", extra={"offenders": len(offenders)})
        return WrittenAnswer(draft.composed, degraded=DegradedReason.UNGROUNDED)

    def _ask(self, system: str, user: str, sources: int, deadline: float) -> str:
        """The model's words; what it costs is taken from the budget first and put right afterwards."""
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
        prose = plain_prose(_whole_sentences(completion), sources)
        if not prose:
            raise ModelDown("nothing but formatting")
        return prose


def author() -> AnswerWriter | None:
    """The model of this process, if there is one."""
    model = chat_model()
    if model is None:
        return None
    daily = model_settings().llm_daily_tokens or None  # as in-process, 0 is no limit
    budget = TokenBudget(dynamodb_client(), conversation_settings().table_name, daily)
    return AnswerWriter(model, budget, ClientNames(stories_api()))


def _whole_sentences(completion: Completion) -> str:
    """The text without the sentence in which it was cut off."""
    if not completion.cut:
        return completion.text
    ends = [match.end() for match in _SENTENCE_END.finditer(completion.text)]
    return completion.text[: ends[-1] if ends else 0]
