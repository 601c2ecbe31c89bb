"""The rules of an answer: from a question within a conversation to what is said, and from which stories."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from contracts.ask import (
    CITED_STORIES,
    CONTEXT_TURNS,
    EXTRACTIVE,
    NEARLY_BEST,
    Answer,
    AnswerMode,
    AskRequest,
    Modes,
    Trace,
)
from contracts.conversations import Turn
from contracts.rules.names.named_stories import about_named
from contracts.rules.questions.resolution import ResolvedQuestion, about_one_story, mode_word, resolve
from contracts.search import SearchFilters
from lambdas.ask.answers.aggregate_answers import Material
from lambdas.ask.answers.answer_writer import AnswerDraft, AnswerWriter, WrittenAnswer, author
from lambdas.ask.answers.extractive import compose
from lambdas.ask.answers.narrative import denied, narrate
from lambdas.ask.answers.prompt import build_prompt
from lambdas.ask.conversations.store import Conversations, conversations
from lambdas.ask.retrieval.aggregation import Aggregation
from lambdas.ask.retrieval.aggregator import Aggregator
from lambdas.ask.retrieval.reranker import rank
from lambdas.ask.retrieval.retriever import Retrieval, RetrievalResult, RetrievedStory
from lambdas.ask.retrieval.search_client import search_api
from lambdas.ask.retrieval.stories_client import StoriesApi, stories_api
from lambdas.ask.settings import conversation_settings
from lambdas.common.http.problems import RequestError
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger

ANSWER_SECONDS: Final = 18.0  # the function's time-out, less what it takes to answer


@dataclass(frozen=True)
class _QuestionContext:
    """A question with what was said before, how it is understood, and when an answer is due at the latest."""

    request: AskRequest
    history: Sequence[Turn]
    question: ResolvedQuestion
    caller: CallContext
    deadline: float


class AnswerService:
    """Answers questions. It reads the conversation and writes nothing: the caller stores the turn."""

    def __init__(
        self,
        conversations: Conversations,
        retrieval: Retrieval,
        stories: StoriesApi,
        author: AnswerWriter | None,
        code_version: str,
    ) -> None:
        self._conversations = conversations
        self._retrieval = retrieval
        self._stories = stories
        self._aggregator = Aggregator(stories)
        self._author = author
        self._code_version = code_version
        self._corpus_seen = ""

    def generate(self, request: AskRequest, caller: CallContext) -> Answer:
        """Answer one question.

        Raises
        ------
        NotFound
            The story that the question is limited to does not exist.
        DependencyDown, Throttled
            Conversations, search or stories do not answer.
        """
        deadline = time.monotonic() + ANSWER_SECONDS
        history = self._conversations.context(request.session_id, request.turn_id, CONTEXT_TURNS)
        mode = mode_word(request.question)
        if mode and history and history[-1].sources and not history[-1].refused:
            return self._in_mode(request, history[-1], mode, caller)
        question = self._understood(request, history, caller)
        findings = self._retrieval.find(request, question, caller)
        self._corpus_seen = version = findings.corpus_version
        if not findings.gate.passed:
            trace = Trace(query=question.query)
            return self._answer(request, version, answer=findings.gate.answer, gate=findings.gate, trace=trace)
        is_counted = request.story_id is None and request.filters == SearchFilters()
        aggregation = self._aggregator.find(question, version, caller) if is_counted else None
        if findings.stories or (aggregation and aggregation.cards):
            return self._answered(_QuestionContext(request, history, question, caller, deadline), findings, aggregation)
        text = denied(Material(question.text, question, (), aggregation)) or nothing_found(findings)
        return self._answer(request, version, answer=text, gate=findings.gate, trace=Trace(query=question.query))

    def _understood(self, request: AskRequest, history: Sequence[Turn], caller: CallContext) -> ResolvedQuestion:
        """The question in the light of the conversation."""
        vocabulary = self._aggregator.vocabulary(caller)
        if request.story_id:
            return about_one_story(request.question, vocabulary)
        return resolve(request.question, history, vocabulary)

    def _answered(
        self, context: _QuestionContext, findings: RetrievalResult, aggregation: Aggregation | None
    ) -> Answer:
        """An answer from the best of the stories found, and from those that show what was counted."""
        request, version = context.request, findings.corpus_version
        ranked = rank(context.question.query, [(found.story.id, found.words) for found in findings.stories])
        by_id = {found.story.id: found for found in findings.stories}
        ids = _cited([by_id[story.id] for story in ranked], context.question, aggregation)
        more = self._retrieval.more([story_id for story_id in ids if story_id not in by_id], version, context.caller)
        by_id |= {found.story.id: found for found in more}
        cited = [by_id[story_id] for story_id in ids if story_id in by_id]
        stories = [found.story for found in cited]
        unknown, is_locked = findings.gate.unknown, bool(request.story_id)
        material = Material(context.question.text, context.question, stories, aggregation, unknown, is_locked=is_locked)
        prompt = build_prompt(request.question, stories, context.history)
        trace = Trace(
            query=context.question.query,
            retrieved=tuple(found.scored_id for found in findings.stories),
            ranked=ranked,
            prompt_hash=prompt.sha256,
            model=EXTRACTIVE,
        )
        if refusal := denied(material):
            return self._answer(request, version, answer=refusal, gate=findings.gate, trace=trace)
        modes = compose(stories, narrate(material))
        written = self._written(context, AnswerDraft(prompt, stories, text_of(modes, request.mode), version, unknown))
        return self._answer(
            request,
            version,
            answer=written.text,
            modes=modes,
            sources=tuple(found.as_source(number) for number, found in enumerate(cited, 1)),
            gate=findings.gate,
            trace=trace.model_copy(update={"model": written.model}),
            degraded=written.degraded,
        )

    def _written(self, context: _QuestionContext, draft: AnswerDraft) -> WrittenAnswer:
        """Let a model write narratives for visitors; shadow calls and other modes get the composed text."""
        if self._author is None or context.caller.shadow or context.request.mode is not AnswerMode.NARRATIVE:
            return WrittenAnswer(draft.composed)
        return self._author.write(draft, context.caller, context.deadline)

    def _in_mode(self, request: AskRequest, turn: Turn, mode: AnswerMode, caller: CallContext) -> Answer:
        """The last answer in another mode."""
        return self._answer(
            request,
            self._corpus(caller),
            answer=text_of(turn.modes, mode),
            mode=mode,
            modes=turn.modes,
            sources=turn.sources,
            degraded=turn.degraded,
        )

    def _corpus(self, caller: CallContext) -> str:
        """Return the corpus version for an answer without a search; "" if it is unknown."""
        if not self._corpus_seen:
            try:
                self._corpus_seen = self._stories.listing(caller).corpus_version
            except RequestError as error:
                logger.warning("the corpus version is not known", exc_info=error)
        return self._corpus_seen

    def _answer(self, request: AskRequest, corpus_version: str, **parts: Any) -> Answer:
        blank: dict[str, Any] = {"mode": request.mode, "modes": Modes(), "sources": ()}
        stamp: dict[str, Any] = {"corpus_version": corpus_version, "code_version": self._code_version}
        return Answer(turn_id=request.turn_id, **stamp, **{**blank, **parts})


def _cited(ranked: Sequence[RetrievedStory], question: ResolvedQuestion, aggregation: Aggregation | None) -> list[str]:
    """The stories to cite: those that show what was counted, else the best, of a named organization its own.

    Stories that search found nearly as good as its best come before the others.
    """
    if aggregation and aggregation.cards:
        return aggregation.cited(question.kind, [found.story.id for found in ranked], CITED_STORIES)
    least = NEARLY_BEST * max((found.search_score for found in ranked), default=0.0)
    close = {found.story.id for found in ranked if found.search_score >= least}
    named = about_named(question.subject, [found.story for found in ranked])
    ids = [story.id for story in named if story.id in close] + [story.id for story in named if story.id not in close]
    return ids[: 1 if question.aspect else CITED_STORIES]


def nothing_found(findings: RetrievalResult) -> str:
    """What is said when no story is close, or when the filters leave none."""
    if findings.exhausted:
        return "There is no further story on this."
    if findings.too_far:
        return "No story comes close to this."
    text = "No story matches these filters."
    if not (without := findings.without_filters):
        return text
    return f"{text} Without them there {'is' if without == 1 else 'are'} {without}."


def text_of(modes: Modes, mode: AnswerMode) -> str:
    return str(getattr(modes, mode.value))


@cache
def answer_service() -> AnswerService:
    """The service of this process."""
    stories = stories_api()
    retrieval = Retrieval(search_api(), stories)
    return AnswerService(conversations(), retrieval, stories, author(), conversation_settings().code_version)
