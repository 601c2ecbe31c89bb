"""The rules of an answer: from a question within a conversation to what is said, and from which stories."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from contracts.ask import CITED_STORIES, CONTEXT_TURNS, Answer, AnswerMode, AskRequest, Modes, Trace, Turn
from lambdas.ask.answers.answer_writer import AnswerDraft, AnswerWriter, WrittenAnswer, author
from lambdas.ask.answers.extractive import compose
from lambdas.ask.answers.prompt import build_prompt
from lambdas.ask.conversations.store import Conversations, conversations
from lambdas.ask.retrieval.follow_ups import mode_word, search_query, stands_alone
from lambdas.ask.retrieval.reranker import rank
from lambdas.ask.retrieval.retriever import Retrieval, RetrievalResult
from lambdas.ask.retrieval.search_client import search_api
from lambdas.ask.retrieval.stories_client import StoriesApi, stories_api
from lambdas.ask.settings import conversation_settings
from lambdas.common.http.problems import RequestError
from lambdas.common.http.service_client import CallContext
from lambdas.common.observability import logger

ANSWER_SECONDS: Final = 18.0  # the function's time-out, less what it takes to answer


@dataclass(frozen=True)
class _Asked:
    """A question with what was said before, what to search for, and when an answer is due at the latest."""

    request: AskRequest
    history: Sequence[Turn]
    query: str
    caller: CallContext
    deadline: float


class AnswerService:
    """Answers questions. It reads the conversation and writes nothing: who asked keeps the turn."""

    def __init__(
        self,
        kept: Conversations,
        retrieval: Retrieval,
        stories: StoriesApi,
        author: AnswerWriter | None,
        code_version: str,
    ) -> None:
        self._kept = kept
        self._retrieval = retrieval
        self._stories = stories
        self._author = author
        self._code_version = code_version
        self._corpus_seen = ""
        self._background = ThreadPoolExecutor(1, thread_name_prefix="history")

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
        reading = self._background.submit(self._history, request)
        # A question that stands by itself is searched for while the conversation is read.
        history = [] if stands_alone(request.question) else reading.result()
        mode = mode_word(request.question)
        if mode and history and history[-1].sources and not history[-1].refused:
            return self._retold(request, history[-1], mode, caller)
        query = search_query(request.question, history)
        findings = self._retrieval.find(request, query, caller)
        self._corpus_seen = findings.corpus_version
        if findings.stories:
            return self._told(_Asked(request, reading.result(), query, caller, deadline), findings)
        text = nothing_found(findings.without_filters) if findings.gate.passed else findings.gate.answer
        return self._answer(request, findings.corpus_version, answer=text, gate=findings.gate, trace=Trace(query=query))

    def _history(self, request: AskRequest) -> list[Turn]:
        return self._kept.page(request.session_id, CONTEXT_TURNS).turns

    def _told(self, asked: _Asked, findings: RetrievalResult) -> Answer:
        """An answer from the best of the stories found."""
        request = asked.request
        ranked = rank(asked.query, [(found.story.id, found.words) for found in findings.stories])
        by_id = {found.story.id: found for found in findings.stories}
        cited = [by_id[story.id] for story in ranked[:CITED_STORIES]]
        stories = [found.story for found in cited]
        modes = compose(stories)
        prompt = build_prompt(request.question, stories, asked.history)
        written = self._written(
            asked, AnswerDraft(prompt, stories, text_of(modes, request.mode), findings.corpus_version)
        )
        return self._answer(
            request,
            findings.corpus_version,
            answer=written.text,
            modes=modes,
            sources=tuple(found.as_source(number) for number, found in enumerate(cited, 1)),
            trace=Trace(
                query=asked.query,
                retrieved=tuple(found.scored_id for found in findings.stories),
                ranked=ranked,
                prompt_hash=prompt.sha256,
                model=written.model,
            ),
            degraded=written.degraded,
        )

    def _written(self, asked: _Asked, draft: AnswerDraft) -> WrittenAnswer:
        """A model writes the narratives that somebody will read; all else is told in the stories' words."""
        if self._author is None or asked.caller.shadow or asked.request.mode is not AnswerMode.NARRATIVE:
            return WrittenAnswer(draft.composed)
        return self._author.write(draft, asked.caller, asked.deadline)

    def _retold(self, request: AskRequest, turn: Turn, mode: AnswerMode, caller: CallContext) -> Answer:
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
        """The corpus version for an answer that no search goes into; "" if it cannot be told."""
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


def nothing_found(without_filters: int | None) -> str:
    """What is said when the filters leave no story."""
    text = "No story matches these filters."
    if not without_filters:
        return text
    return f"{text} Without them there {'is' if without_filters == 1 else 'are'} {without_filters}."


def text_of(modes: Modes, mode: AnswerMode) -> str:
    return str(getattr(modes, mode.value))


@cache
def answer_service() -> AnswerService:
    """The service of this process."""
    stories = stories_api()
    retrieval = Retrieval(search_api(), stories)
    return AnswerService(conversations(), retrieval, stories, author(), conversation_settings().code_version)
