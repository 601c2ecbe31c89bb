"""The rules of kept conversations: what history, append, forget and feedback answer."""

from functools import cache
from typing import Any

from contracts.conversations import (
    MAX_TURN_BYTES,
    AppendAck,
    DeleteResult,
    FeedbackAck,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Turn,
)
from lambdas.ask.conversations.items import place_of
from lambdas.ask.conversations.store import Conversations, conversations
from lambdas.ask.settings import conversation_settings
from lambdas.common.http.problems import TooLarge

NO_CORPUS = ""  # a conversation is kept as it was; no corpus has a part in it


class ConversationService:
    def __init__(self, conversations: Conversations, code_version: str) -> None:
        self._conversations = conversations
        self._stamp: dict[str, Any] = {"corpus_version": NO_CORPUS, "code_version": code_version}

    def history(self, request: HistoryRequest) -> History:
        """A page of turns; a session nobody has heard of has none."""
        page = self._conversations.page(request.session_id, request.limit, request.before)
        return History(
            **self._stamp,
            turns=tuple(page.turns),
            verdicts=tuple(page.verdicts),
            next_before=place_of(page.turns[0]) if page.more else "",
        )

    def append(self, turn: Turn) -> AppendAck:
        """Keep a turn once.

        Raises
        ------
        TooLarge, Conflict
        """
        if len(turn.model_dump_json().encode()) > MAX_TURN_BYTES:
            raise TooLarge(f"A turn has {MAX_TURN_BYTES:,} bytes at most.")
        return AppendAck(
            **self._stamp,
            turn_id=turn.turn_id,
            created=self._conversations.append(turn),
        )

    def forget(self, request: ForgetRequest) -> DeleteResult:
        return DeleteResult(**self._stamp, turns=self._conversations.forget(request.session_id))

    def record_feedback(self, request: FeedbackRequest) -> FeedbackAck:
        """Keep a visitor's verdict.

        Raises
        ------
        NotFound
            The session has no such turn.
        """
        self._conversations.record_feedback(request)
        return FeedbackAck(**self._stamp, turn_id=request.turn_id)


@cache
def conversation_service() -> ConversationService:
    """The service of this process."""
    return ConversationService(conversations(), conversation_settings().code_version)
