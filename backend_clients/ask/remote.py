"""Ask served by Lambda functions, over HTTP."""

from backend_clients.http import ApiSession, Served
from contracts.ask import (
    Answer,
    AskRequest,
    FeedbackKept,
    FeedbackRequest,
    ForgetRequest,
    Forgotten,
    History,
    HistoryRequest,
    Reranked,
    RerankRequest,
    Turn,
    TurnKept,
)

_HISTORY = "/api/ask/history"


class RemoteAsk:
    """The ask API of the Lambda side."""

    def __init__(self, session: ApiSession) -> None:
        self._session = session

    @property
    def configured(self) -> bool:
        """Whether there is a Lambda side at all."""
        return self._session.configured

    def generate(self, request: AskRequest, *, shadow: bool = False) -> Served[Answer]:
        return self._session.read(Answer, "POST", "/api/ask/generate", body=request, shadow=shadow)

    def rerank(self, request: RerankRequest, *, shadow: bool = False) -> Served[Reranked]:
        return self._session.read(Reranked, "POST", "/api/ask/rerank", body=request, shadow=shadow)

    def history(self, request: HistoryRequest, *, shadow: bool = False) -> Served[History]:
        query = [("session_id", request.session_id), ("limit", str(request.limit))]
        query += [("before", request.before)] if request.before else []
        return self._session.read(History, "GET", _HISTORY, query=query, shadow=shadow)

    def append(self, turn: Turn) -> Served[TurnKept]:
        return self._session.write(TurnKept, "POST", _HISTORY, key=turn.turn_id, body=turn)

    def forget(self, request: ForgetRequest) -> Served[Forgotten]:
        query = [("session_id", request.session_id)]
        return self._session.write(Forgotten, "DELETE", _HISTORY, key=request.session_id, query=query)

    def rate(self, request: FeedbackRequest) -> Served[FeedbackKept]:
        return self._session.write(FeedbackKept, "POST", "/api/ask/feedback", key=request.turn_id, body=request)
