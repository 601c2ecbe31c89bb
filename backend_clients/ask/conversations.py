"""Conversations on either side, for those who copy, compare and repair them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from backend_clients.ask.client import AskSide
from backend_clients.ask.remote import RemoteAsk
from backend_clients.errors import ContractViolation
from contracts.conversations import MAX_TURNS, FeedbackRequest, ForgetRequest, History, HistoryRequest, Rating, Turn

_Page = Callable[[HistoryRequest], History]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A session's turns, oldest first, and the verdicts on them, in the same order."""

    turns: tuple[Turn, ...] = ()
    verdicts: tuple[Rating, ...] = ()

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) over turns and verdicts in order."""
        digest = hashlib.sha256()
        for kept in (*self.turns, *self.verdicts):
            digest.update(kept.model_dump_json().encode())
            digest.update(b"\n")
        return digest.hexdigest()


class Conversations(Protocol):
    """One side's conversations. Every call may raise `BackendError`."""

    def read(self, session_id: str) -> Conversation:
        """All of a session; nothing if there is no such session."""
        ...

    def append(self, turn: Turn) -> None: ...

    def forget(self, session_id: str) -> None: ...

    def rate(self, feedback: FeedbackRequest) -> None: ...


class LegacyReplica:
    """Those in SQLite."""

    def __init__(self, side: AskSide) -> None:
        self._side = side

    def read(self, session_id: str) -> Conversation:
        return _whole(self._side.history, session_id)

    def append(self, turn: Turn) -> None:
        self._side.append(turn)

    def forget(self, session_id: str) -> None:
        self._side.forget(ForgetRequest(session_id=session_id))

    def rate(self, feedback: FeedbackRequest) -> None:
        self._side.rate(feedback)


class LambdaReplica:
    """Those behind the Lambda functions; reading them is marked as shadow."""

    def __init__(self, side: RemoteAsk) -> None:
        self._side = side

    def read(self, session_id: str) -> Conversation:
        return _whole(lambda request: self._side.history(request, shadow=True).value, session_id)

    def append(self, turn: Turn) -> None:
        self._side.append(turn)

    def forget(self, session_id: str) -> None:
        self._side.forget(ForgetRequest(session_id=session_id))

    def rate(self, feedback: FeedbackRequest) -> None:
        self._side.rate(feedback)


def _whole(page: _Page, session_id: str) -> Conversation:
    pages = list(_pages(page, session_id))[::-1]
    return Conversation(
        tuple(turn for found in pages for turn in found.turns),
        tuple(verdict for found in pages for verdict in found.verdicts),
    )


def _pages(page: _Page, session_id: str) -> Iterator[History]:
    """The newest page first; each must be earlier than the one before it, or there might be no end to them."""
    before, later = "", None
    while True:
        answer = page(HistoryRequest(session_id=session_id, limit=MAX_TURNS, before=before))
        if answer.turns and later and answer.turns[-1].place >= later.place:
            raise ContractViolation("a page of a conversation is not earlier than the one before it")
        later = answer.turns[0] if answer.turns else later
        yield answer
        if not answer.next_before:
            return
        before = answer.next_before
