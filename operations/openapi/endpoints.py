"""The endpoints of the four APIs with their contracts."""

from dataclasses import dataclass
from typing import Final

from contracts.ask import Answer, AskRequest, Reranked, RerankRequest
from contracts.base import Contract
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
from contracts.industries import (
    IndustriesRequest,
    IndustryCategories,
    IndustryDetail,
    IndustryList,
    IndustryRequest,
)
from contracts.role_match import MatchRequest, RoleMatch
from contracts.search import SearchRequest, SearchResult
from contracts.stories import (
    RelatedRequest,
    RelatedStories,
    StoryBatch,
    StoryBatchRequest,
    StoryDetail,
    StoryList,
    StoryListRequest,
    StoryRequest,
)

Models = tuple[type[Contract], ...]


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """One method of one path. An endpoint with two requests answers each with the response of the same position."""

    domain: str
    name: str
    method: str
    path: str
    summary: str
    requests: Models
    responses: Models
    codes: tuple[int, ...] = ()  # statuses of problems that only some endpoints have


ENDPOINTS: Final = (
    ApiEndpoint(
        "stories",
        "list",
        "GET",
        "/api/stories",
        "List a page of stories; with `ids`, read whole stories.",
        (StoryListRequest, StoryBatchRequest),
        (StoryList, StoryBatch),
    ),
    ApiEndpoint(
        "stories", "get", "GET", "/api/stories/{id}", "Read one story.", (StoryRequest,), (StoryDetail,), (404,)
    ),
    ApiEndpoint(
        "stories",
        "related",
        "GET",
        "/api/stories/{id}/related",
        "List the stories most like one.",
        (RelatedRequest,),
        (RelatedStories,),
        (404,),
    ),
    *(
        ApiEndpoint("search", kind, "POST", f"/api/search/{kind}", summary, (SearchRequest,), (SearchResult,))
        for kind, summary in (
            ("semantic", "Search stories by meaning."),
            ("keyword", "Search stories by words."),
            ("hybrid", "Search stories by meaning and by words."),
        )
    ),
    ApiEndpoint("ask", "generate", "POST", "/api/ask/generate", "Answer a question.", (AskRequest,), (Answer,), (404,)),
    ApiEndpoint(
        "ask", "rerank", "POST", "/api/ask/rerank", "Order stories by a question.", (RerankRequest,), (Reranked,)
    ),
    ApiEndpoint(
        "ask",
        "match",
        "POST",
        "/api/ask/match",
        "Match the stories with a job description.",
        (MatchRequest,),
        (RoleMatch,),
    ),
    ApiEndpoint(
        "ask", "history", "GET", "/api/ask/history", "Read turns of a conversation.", (HistoryRequest,), (History,)
    ),
    ApiEndpoint(
        "ask", "append", "POST", "/api/ask/history", "Keep a turn of a conversation.", (Turn,), (AppendAck,), (409,)
    ),
    ApiEndpoint(
        "ask", "forget", "DELETE", "/api/ask/history", "Forget a conversation.", (ForgetRequest,), (DeleteResult,)
    ),
    ApiEndpoint(
        "ask", "feedback", "POST", "/api/ask/feedback", "Rate an answer.", (FeedbackRequest,), (FeedbackAck,), (404,)
    ),
    ApiEndpoint(
        "industries",
        "list",
        "GET",
        "/api/industries",
        "List industries with their numbers of stories.",
        (IndustriesRequest,),
        (IndustryList,),
    ),
    ApiEndpoint(
        "industries",
        "get",
        "GET",
        "/api/industries/{industry}",
        "Read one industry's figures.",
        (IndustryRequest,),
        (IndustryDetail,),
        (404,),
    ),
    ApiEndpoint(
        "industries",
        "categories",
        "GET",
        "/api/industries/{industry}/categories",
        "Read one industry's capabilities by tier.",
        (IndustryRequest,),
        (IndustryCategories,),
        (404,),
    ),
)
