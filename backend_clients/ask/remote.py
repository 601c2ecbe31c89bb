"""Ask served by Lambda functions, over HTTP."""

from typing import Final, TypeVar

from backend_clients.domains import Domain
from backend_clients.errors import ContractViolation
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse, ApiSession, Query
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

_HISTORY: Final = "/api/ask/history"


def _history_query(request: HistoryRequest) -> Query:
    query = [("session_id", request.session_id), ("limit", str(request.limit))]
    return [*query, ("before", request.before)] if request.before else query


_ASK: Final = Domain.ASK.value
GENERATE: Final = Endpoint(_ASK, "generate", AskRequest, Answer, "POST", "/api/ask/generate")
RERANK: Final = Endpoint(_ASK, "rerank", RerankRequest, Reranked, "POST", "/api/ask/rerank")
MATCH: Final = Endpoint(_ASK, "match", MatchRequest, RoleMatch, "POST", "/api/ask/match")
HISTORY: Final = Endpoint(_ASK, "history", HistoryRequest, History, "GET", _HISTORY, _history_query)
ENDPOINTS: Final = {endpoint.name: endpoint for endpoint in (GENERATE, RERANK, MATCH, HISTORY)}
_OfTurn = TypeVar("_OfTurn", Answer, AppendAck, FeedbackAck)


class RemoteAsk:
    """The ask API of the Lambda side; raises `ContractViolation` if a reply is about another turn or session."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    @property
    def configured(self) -> bool:
        """Whether there is a Lambda side at all."""
        return self._session.configured

    def generate(self, request: AskRequest, *, shadow: bool = False) -> ApiResponse[Answer]:
        return _about_turn(request.turn_id, GENERATE.call(self._session, request, shadow=shadow))

    def rerank(self, request: RerankRequest, *, shadow: bool = False) -> ApiResponse[Reranked]:
        return RERANK.call(self._session, request, shadow=shadow)

    def match(self, request: MatchRequest, *, shadow: bool = False) -> ApiResponse[RoleMatch]:
        return MATCH.call(self._session, request, shadow=shadow)

    def history(self, request: HistoryRequest, *, shadow: bool = False) -> ApiResponse[History]:
        served = HISTORY.call(self._session, request, shadow=shadow)
        if any(turn.session_id != request.session_id for turn in served.value.turns):
            raise ContractViolation("the Lambda side answered with another conversation")
        return served

    def append(self, turn: Turn) -> ApiResponse[AppendAck]:
        served = self._session.write(AppendAck, "POST", _HISTORY, key=turn.turn_id, body=turn)
        return _about_turn(turn.turn_id, served)

    def forget(self, request: ForgetRequest) -> ApiResponse[DeleteResult]:
        query = [("session_id", request.session_id)]
        return self._session.write(DeleteResult, "DELETE", _HISTORY, key=request.session_id, query=query)

    def rate(self, request: FeedbackRequest) -> ApiResponse[FeedbackAck]:
        served = self._session.write(FeedbackAck, "POST", "/api/ask/feedback", key=request.turn_id, body=request)
        return _about_turn(request.turn_id, served)


def _about_turn(turn_id: str, served: ApiResponse[_OfTurn]) -> ApiResponse[_OfTurn]:
    if served.value.turn_id != turn_id:
        raise ContractViolation("the Lambda side answered about another turn")
    return served
