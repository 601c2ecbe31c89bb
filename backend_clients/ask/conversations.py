"""Conversations on either side, for those who copy, compare and repair them."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Protocol

from backend_clients.ask.client import AskSide
from backend_clients.ask.remote import RemoteAsk
from contracts.ask import MAX_TURNS, FeedbackRequest, ForgetRequest, History, HistoryRequest, Turn

_Page = Callable[[HistoryRequest], History]


class Conversations(Protocol):
    """One side's conversations. Every call may raise `BackendError`."""

    def turns(self, session_id: str) -> list[Turn]:
        """All turns of a session, oldest first."""
        ...

    def append(self, turn: Turn) -> None: ...

    def forget(self, session_id: str) -> None: ...

    def rate(self, feedback: FeedbackRequest) -> None: ...


class LegacyConversations:
    """Those in SQLite."""

    def __init__(self, side: AskSide) -> None:
        self._side = side

    def turns(self, session_id: str) -> list[Turn]:
        return _all_turns(self._side.history, session_id)

    def append(self, turn: Turn) -> None:
        self._side.append(turn)

    def forget(self, session_id: str) -> None:
        self._side.forget(ForgetRequest(session_id=session_id))

    def rate(self, feedback: FeedbackRequest) -> None:
        self._side.rate(feedback)


class LambdaConversations:
    """Those behind the Lambda functions; reading them is marked as shadow."""

    def __init__(self, side: RemoteAsk) -> None:
        self._side = side

    def turns(self, session_id: str) -> list[Turn]:
        return _all_turns(lambda request: self._side.history(request, shadow=True).value, session_id)

    def append(self, turn: Turn) -> None:
        self._side.append(turn)

    def forget(self, session_id: str) -> None:
        self._side.forget(ForgetRequest(session_id=session_id))

    def rate(self, feedback: FeedbackRequest) -> None:
        self._side.rate(feedback)


def reconcile(session_id: str, source: Conversations, target: Conversations) -> int:
    """Make a session on `target` what it is on `source`; returns how many turns were written.

    Turns that `target` alone has were never acknowledged, or were forgotten: they go.
    """
    there = target.turns(session_id)  # first, so that a turn written meanwhile is not taken for a stale one
    wanted = source.turns(session_id)
    if any(turn not in wanted for turn in there):
        target.forget(session_id)
        there = []
    missing = [turn for turn in wanted if turn not in there]
    for turn in missing:
        target.append(turn)
    return len(missing)


def checksum(turns: list[Turn]) -> str:
    """SHA-256 (hex) over a session's turns in order."""
    digest = hashlib.sha256()
    for turn in turns:
        digest.update(turn.model_dump_json().encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _all_turns(page: _Page, session_id: str) -> list[Turn]:
    return [turn for turns in reversed(list(_pages(page, session_id))) for turn in turns]


def _pages(page: _Page, session_id: str) -> Iterator[tuple[Turn, ...]]:
    before = ""
    while True:
        answer = page(HistoryRequest(session_id=session_id, limit=MAX_TURNS, before=before))
        yield answer.turns
        if not answer.next_before:
            return
        before = answer.next_before
