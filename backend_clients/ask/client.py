"""The ask client: the only door to questions and conversations that a page knows."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from backend_clients.ask import parity
from backend_clients.ask import remote as remote_api
from backend_clients.ask.remote import RemoteAsk
from backend_clients.domains import Domain
from backend_clients.routed import Routed
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.router_parts import NO_SIDE
from backend_clients.routing.write_router import WriteOperation, WriteRouter
from contracts.ask import Answer, AskRequest, Reranked, RerankRequest
from contracts.conversations import (
    AppendAck,
    DeleteResult,
    FeedbackAck,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Turn,
)
from contracts.role_match import MatchRequest, RoleMatch


class AskSide(Protocol):
    """What an in-process side of ask offers."""

    def generate(self, request: AskRequest, on_text: Callable[[str], None] = ...) -> Answer: ...

    def generate_extractive(self, request: AskRequest) -> Answer: ...

    def rerank(self, request: RerankRequest) -> Reranked: ...

    def match(self, request: MatchRequest) -> RoleMatch: ...

    def history(self, request: HistoryRequest) -> History: ...

    def append(self, turn: Turn, /) -> AppendAck: ...

    def forget(self, request: ForgetRequest) -> DeleteResult: ...

    def rate(self, request: FeedbackRequest) -> FeedbackAck: ...


class AskClient:
    """Typed requests in, typed answers out, whichever side makes them. Every call may raise `BackendError`."""

    def __init__(self, router: Router, writes: WriteRouter, legacy: AskSide | None, remote: RemoteAsk) -> None:
        self._router = router
        side = legacy or NO_SIDE
        self._writes = writes
        self._legacy = legacy
        self._generate = Operation(
            remote_api.GENERATE,
            side.generate_extractive,
            remote.generate,
            parity.answer_layers,
            key=_session,
        )
        self._rerank = Operation(remote_api.RERANK, side.rerank, remote.rerank, parity.reranked_layers)
        self._match = Operation(remote_api.MATCH, side.match, remote.match, parity.role_match_layers)
        self._history = Operation(remote_api.HISTORY, side.history, remote.history, parity.history_layers, key=_session)
        self._append = WriteOperation(Domain.ASK.value, "append", side.append, remote.append, _session)
        self._forget = WriteOperation(
            Domain.ASK.value,
            "forget",
            side.forget,
            remote.forget,
            _session,
            always_both_sides=remote.configured,
        )
        self._rate = WriteOperation(Domain.ASK.value, "rate", side.rate, remote.rate, _session)

    @property
    def operations(self) -> tuple[Operation[Any, Any], ...]:
        """Every reading operation with both its sides, for those who compare them; no model is called."""
        return (self._generate, self._rerank, self._match, self._history)

    @property
    def answer_with_model(self) -> Callable[[AskRequest], Answer] | None:
        """What answers in-process as a visitor would be answered, with the model if there is one."""
        return self._legacy.generate if self._legacy else None

    @property
    def writes(self) -> tuple[WriteOperation[Any, Any], ...]:
        """Every writing operation with both its sides, for those who repair them."""
        return (self._append, self._forget, self._rate)

    def ask(self, request: AskRequest, visitor: str, on_text: Callable[[str], None] | None = None) -> Routed[Answer]:
        """Answer a question. Where a model writes in-process, `on_text` gets its grounded sentences as they come."""
        operation = self._generate
        if self._legacy is not None:
            answers = partial(self._legacy.generate, on_text=on_text) if on_text else self._legacy.generate
            operation = replace(operation, answering_legacy=answers)
        return self._router.read(operation, request, visitor)

    def match(self, request: MatchRequest, visitor: str) -> Routed[RoleMatch]:
        """What the stories show of a job description."""
        return self._router.read(self._match, request, visitor)

    def history(self, request: HistoryRequest, visitor: str) -> Routed[History]:
        return self._router.read(self._history, request, visitor)

    def append(self, turn: Turn, visitor: str) -> Routed[AppendAck]:
        return self._writes.write(self._append, turn, visitor)

    def forget(self, request: ForgetRequest, visitor: str) -> Routed[DeleteResult]:
        return self._writes.write(self._forget, request, visitor)

    def rate(self, request: FeedbackRequest, visitor: str) -> Routed[FeedbackAck]:
        """Keep a verdict, as given now unless it says when."""
        timed = request if request.rated_at else request.model_copy(update={"rated_at": int(time.time() * 1000)})
        return self._writes.write(self._rate, timed, visitor)


def _session(request: AskRequest | HistoryRequest | Turn | ForgetRequest | FeedbackRequest) -> str:
    return request.session_id
