"""The endpoints of the four APIs: those that the clients call, with what only the document says of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from backend_clients.ask.remote import ENDPOINTS as ASK
from backend_clients.domains import Domain
from backend_clients.http.endpoint import PATH_FIELD, Endpoint
from backend_clients.industries.remote import ENDPOINTS as INDUSTRIES
from backend_clients.search.remote import ENDPOINTS as SEARCH
from backend_clients.stories.remote import ENDPOINTS as STORIES
from contracts.base import Contract
from contracts.conversations import AppendAck, DeleteResult, FeedbackAck, FeedbackRequest, ForgetRequest, Turn

Models = tuple[type[Contract], ...]

_WRITES: Final = (  # those of `RemoteAsk`
    Endpoint(Domain.ASK.value, "append", Turn, AppendAck, "POST", "/api/ask/history"),
    Endpoint(Domain.ASK.value, "forget", ForgetRequest, DeleteResult, "DELETE", "/api/ask/history"),
    Endpoint(Domain.ASK.value, "feedback", FeedbackRequest, FeedbackAck, "POST", "/api/ask/feedback"),
)
_SUMMARIES: Final = {
    "stories.list": "List a page of stories; with `ids`, read whole stories.",
    "stories.get": "Read one story.",
    "stories.related": "List the stories most like one.",
    "search.semantic": "Search stories by meaning.",
    "search.keyword": "Search stories by words.",
    "search.hybrid": "Search stories by meaning and by words.",
    "ask.generate": "Answer a question.",
    "ask.rerank": "Order stories by a question.",
    "ask.match": "Match the stories with a job description.",
    "ask.history": "Read turns of a conversation.",
    "ask.append": "Keep a turn of a conversation.",
    "ask.forget": "Forget a conversation.",
    "ask.feedback": "Rate an answer.",
    "industries.list": "List industries with their numbers of stories.",
    "industries.get": "Read one industry's figures.",
    "industries.categories": "Read one industry's capabilities by tier.",
}
_CODES: Final = {"ask.generate": (404,), "ask.append": (409,), "ask.feedback": (404,)}


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """One method of one path. An endpoint with two requests answers each with the response of the same position.

    `codes` are statuses of problems that not every endpoint has.
    """

    domain: str
    id: str
    method: str
    path: str
    summary: str
    requests: Models
    responses: Models
    codes: tuple[int, ...]

    @property
    def path_fields(self) -> frozenset[str]:
        """Fields of the request that stand in the path."""
        return frozenset(PATH_FIELD.findall(self.path))


def _of(alternatives: Iterable[Endpoint[Any, Any]]) -> ApiEndpoint:
    """What several operations have in one, for a method and a path that they share; the first names it."""
    endpoints = list(alternatives)
    first = endpoints[0]
    operation = f"{first.domain}.{first.name}"
    return ApiEndpoint(
        first.domain,
        operation,
        first.method,
        first.path,
        _SUMMARIES[operation],
        tuple(endpoint.request_type for endpoint in endpoints),
        tuple(endpoint.response_type for endpoint in endpoints),
        (404,) if PATH_FIELD.search(first.path) else _CODES.get(operation, ()),
    )


def _grouped() -> tuple[ApiEndpoint, ...]:
    groups: dict[tuple[str, str], list[Endpoint[Any, Any]]] = {}
    for endpoint in (*STORIES.values(), *SEARCH.values(), *ASK.values(), *_WRITES, *INDUSTRIES.values()):
        groups.setdefault((endpoint.method, endpoint.path), []).append(endpoint)
    return tuple(map(_of, groups.values()))


ENDPOINTS: Final = _grouped()
