"""The rules of an answer: from a question within a conversation to what is said, and from which stories."""


from lambdas.ask.writing import Writer

from contracts.ask import (
    CONTEXT_TURNS,
    Answer,
    AskRequest,
)
from lambdas.ask.conversations import Conversations
from lambdas.ask.question import mode_word
from lambdas.ask.search_api import SearchApi
from lambdas.ask.stories_api import StoriesApi
from lambdas.common.http_calls import OnBehalf

_RULE = "rule:"


class AnswerService:
    """Answers questions. It reads the conversation and writes nothing: who asked keeps the turn."""

    def __init__(
        self,
        kept: Conversations,
        search: SearchApi,
        stories: StoriesApi,
        writer: Writer,
        code_version: str,
    ) -> None:
        self._kept = kept
        self._search = search
        self._stories = stories
        self._writer = writer
        self._code_version = code_version

    def generate(self, request: AskRequest, caller: OnBehalf) -> Answer:
        """Answer one question.

        Raises
        ------
        NotFound
            The story that the question is about does not exist.
        DependencyDown, Throttled
            Conversations, search or stories do not answer.
        """
        history, _ = self._kept.page(request.session_id, CONTEXT_TURNS)
        mode = mode_word(request.question)
        if mode and history and history[-1].sources and not history[-1].refused:
            return self._retold(request, history[-1], mode, caller)
        return self._Asked(self, request, history, caller).answer()
