"""The ask API as the site calls it: paths, queries, idempotency keys, and handling of responses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from backend_clients.ask.remote import RemoteAsk
from backend_clients.errors import (
    Conflict,
    ContractViolation,
    InvalidRequest,
    KeyRefused,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.http.session import ApiSession
from contracts.ask import Answer, AnswerMode, AskRequest, Modes, Reranked, RerankRequest, ScoredId
from contracts.conversations import (
    MAX_TURNS,
    AppendAck,
    DeleteResult,
    FeedbackAck,
    FeedbackRequest,
    ForgetRequest,
    History,
    HistoryRequest,
    Turn,
)
from contracts.problem import FieldError, Problem
from contracts.role_match import MatchRequest, RoleMatch
from contracts.search import SearchFilters
from tests.support.servers.raw_server import RawServer, answering, cutting, raw_server, resetting, trickling
from tests.support.sides.in_process import SESSION, request, turn

URL = "https://ask.example.com/v1"
STAMP = {"corpus_version": "v", "code_version": "c"}
HISTORY = f"{URL}/api/ask/history"

GENERATE = request("größe? 👍", story_id="a|b", filters=SearchFilters(tags=("x",)), mode=AnswerMode.DEEP_DIVE)
ANSWER = Answer(turn_id="turn-0099", answer="A [1]", mode=AnswerMode.NARRATIVE, modes=Modes(), sources=(), **STAMP)
RERANK = RerankRequest(question="q?", candidates=(ScoredId(id="a|b", score=0.5),))
MATCH = MatchRequest(description="Requirements\n- Kafka\n" + "word " * 30)
RATING = FeedbackRequest(session_id=SESSION, turn_id="turn-0001", helpful=False, comment="no\n“good”")
FORGET = ForgetRequest(session_id=SESSION)
PAGE = HistoryRequest(session_id=SESSION, limit=7, before="1750000000004#turn-0004")

READS: dict[str, tuple[str, str, Any, Any]] = {
    "generate": ("POST", f"{URL}/api/ask/generate", GENERATE, ANSWER),
    "rerank": ("POST", f"{URL}/api/ask/rerank", RERANK, Reranked(ranked=(), **STAMP)),
    "match": ("POST", f"{URL}/api/ask/match", MATCH, RoleMatch(requirements=(), summary="", **STAMP)),
    "history": ("GET", HISTORY, PAGE, History(turns=(turn(1),), next_before="x", **STAMP)),
}
WRITES: dict[str, tuple[str, str, Any, Any, str]] = {
    "append": ("POST", HISTORY, turn(1), AppendAck(turn_id="turn-0001", created=True, **STAMP), "turn-0001"),
    "forget": ("DELETE", HISTORY, FORGET, DeleteResult(turns=3, **STAMP), SESSION),
    "rate": ("POST", f"{URL}/api/ask/feedback", RATING, FeedbackAck(turn_id="turn-0001", **STAMP), "turn-0001"),
}


@contextmanager
def remote(url: str = URL, connect: float = 1.0, read: float = 2.0) -> Iterator[RemoteAsk]:
    with ApiSession(url, "key", connect_timeout=connect, read_timeout=read) as api:
        yield RemoteAsk(api)


def query_of(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


def requests_to(server: RawServer) -> int:
    """Number of requests received; a body may arrive separately from its head."""
    return sum(head.startswith(("GET ", "POST ", "DELETE ")) for head in server.heads)


# Reads


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("shadow", [False, True])
def test_a_read_has_its_path_and_its_mark(name: str, shadow: bool) -> None:
    method, url, asked, answer = READS[name]
    with responses.RequestsMock() as web, remote() as side:
        web.add(method, url, body=answer.model_dump_json())
        assert getattr(side, name)(asked, shadow=shadow).value == answer
        sent = web.calls[0].request
    assert sent.headers.get("X-Shadow") == ("1" if shadow else None)
    assert "Idempotency-Key" not in sent.headers
    if method == "POST":
        assert type(asked).model_validate_json(sent.body) == asked


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        (HistoryRequest(session_id=SESSION), [("session_id", SESSION), ("limit", "20")]),
        (PAGE, [("session_id", SESSION), ("limit", "7"), ("before", "1750000000004#turn-0004")]),
        (
            HistoryRequest(session_id=SESSION, before="a&limit=99"),
            [("session_id", SESSION), ("limit", "20"), ("before", "a&limit=99")],
        ),
    ],
)
def test_a_page_is_asked_for_in_the_query(asked: HistoryRequest, query: list[tuple[str, str]]) -> None:
    with responses.RequestsMock() as web, remote() as side:
        web.add(responses.GET, HISTORY, body=History(turns=(), **STAMP).model_dump_json())
        side.history(asked)
        assert query_of(web.calls[0].request.url) == query
        assert web.calls[0].request.body is None


# Writes


@pytest.mark.parametrize("name", WRITES)
def test_a_write_has_its_path_its_content_and_its_idempotency_key(name: str) -> None:
    method, url, asked, answer, key = WRITES[name]
    with responses.RequestsMock() as web, remote() as side:
        web.add(method, url, body=answer.model_dump_json())
        assert getattr(side, name)(asked).value == answer
        sent = web.calls[0].request
    assert sent.headers["Idempotency-Key"] == key
    assert sent.headers["X-Api-Key"] == "key"
    assert "X-Shadow" not in sent.headers
    if method == "POST":
        assert type(asked).model_validate_json(sent.body) == asked
    else:
        assert sent.body is None
        assert query_of(sent.url) == [("session_id", SESSION)]


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_fails_is_not_made_again(name: str, status: int) -> None:
    _, _, asked, _, _ = WRITES[name]
    with raw_server(answering(b"", f"{status} down")) as server, remote(server.url) as side:
        with pytest.raises(Unavailable):
            getattr(side, name)(asked)
        assert requests_to(server) == 1


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    "script", [cutting(b""), cutting(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), resetting]
)
def test_a_write_whose_answer_is_lost_is_not_made_again(name: str, script: Any) -> None:
    _, _, asked, _, _ = WRITES[name]
    with raw_server(script) as server, remote(server.url) as side:
        with pytest.raises(Unavailable):
            getattr(side, name)(asked)
        assert requests_to(server) == 1


def test_a_write_that_is_late_is_not_made_again() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
    for script in (trickling(b"", b"", pause=0.1, times=20), trickling(head, b" ", pause=0.02)):
        with raw_server(script) as server, remote(server.url, 0.1, 0.2) as side:
            with pytest.raises(Timeout):
                side.append(turn(1))
            assert requests_to(server) == 1


def test_a_read_is_tried_again_after_a_failure() -> None:
    body = READS["history"][3].model_dump_json().encode()
    with raw_server(answering(b"", "503 down"), answering(body)) as server, remote(server.url) as side:
        assert side.history(PAGE).value.turns == (turn(1),)
        assert requests_to(server) == 2


# Refusals


def problem(status: int, detail: str, *errors: FieldError) -> str:
    return Problem(title="t", status=status, detail=detail, request_id="r", errors=errors).model_dump_json()


@pytest.mark.parametrize(
    ("name", "status", "detail", "error"),
    [
        ("append", 409, "turn already kept with other content", Conflict),
        ("append", 413, "the turn is larger than 200000 bytes", InvalidRequest),
        ("rate", 404, "there is no such turn", NotFound),
        ("generate", 404, "there is no story with this id", NotFound),
        ("generate", 422, "question is too long", InvalidRequest),
        ("rerank", 422, "candidates: names a story that does not exist", InvalidRequest),
    ],
)
def test_a_refusal_is_a_typed_error_with_its_reason(
    name: str, status: int, detail: str, error: type[Exception]
) -> None:
    asked = {**READS, **WRITES}[name][2]
    field = FieldError(path="candidates", message="x")
    with responses.RequestsMock() as web, remote() as side:
        web.add(responses.POST, re.compile(f"{URL}/.*"), body=problem(status, detail, field), status=status)
        with pytest.raises(error) as raised:
            getattr(side, name)(asked)
        assert len(web.calls) == 1
    assert type(raised.value) is error
    assert str(raised.value) == detail
    if isinstance(raised.value, InvalidRequest):
        assert raised.value.fields == (field,)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, "", RateLimited),
        (401, problem(401, "no"), KeyRefused),
        (403, '{"message": "Forbidden"}', KeyRefused),
        (409, "<html>", ContractViolation),
        (200, "", ContractViolation),
        (
            200,
            AppendAck(turn_id="turn-0001", created=True, **STAMP).model_dump_json(exclude={"created"}),
            ContractViolation,
        ),
        (302, "", ContractViolation),
    ],
)
def test_what_is_no_answer_is_a_failure_of_the_side(status: int, body: str, error: type[Exception]) -> None:
    with responses.RequestsMock() as web, remote() as side:
        web.add(responses.POST, HISTORY, body=body, status=status, headers={"Location": "https://evil.example"})
        with pytest.raises(error) as raised:
            side.append(turn(1))
        assert len(web.calls) == 1
    assert type(raised.value) is error


def history(*numbers: int, judged: tuple[int, ...] = (), session: str = SESSION, before: str = "") -> dict[str, Any]:
    verdicts = [{"turn_id": f"turn-{number:04d}", "helpful": True} for number in judged]
    turns = [turn(number, session_id=session).model_dump(mode="json") for number in numbers]
    return {"turns": turns, "verdicts": verdicts, "next_before": before, **STAMP}


@pytest.mark.parametrize(
    "answer",
    [
        history(1, 1),
        history(2, 1),
        history(1, 3, 2),
        history(1, 2, judged=(3,)),
        history(1, 2, judged=(2, 1)),
        history(1, 2, judged=(1, 1)),
        history(1, session="session-of-another-visitor"),
        history(before="1750000000001#turn-0001"),
        history(*range(MAX_TURNS + 1)),
        {**history(1, 2), "turns": [turn(1).model_dump(mode="json"), turn(1, asked_at=9).model_dump(mode="json")]},
        {**history(1), "turns": history(1)["turns"] + history(2, session="session-of-another-visitor")["turns"]},
    ],
)
def test_a_conversation_that_is_not_whole_and_in_order_is_no_answer(answer: dict[str, Any]) -> None:
    with responses.RequestsMock() as web, remote() as side:
        web.add(responses.GET, HISTORY, json=answer)
        with pytest.raises(ContractViolation):
            side.history(PAGE)


@pytest.mark.parametrize("answer", [history(), history(1, 2, 5, judged=(1, 5), before="x"), history(1, judged=(1,))])
def test_a_conversation_that_is_whole_and_in_order_is_an_answer(answer: dict[str, Any]) -> None:
    with responses.RequestsMock() as web, remote() as side:
        web.add(responses.GET, HISTORY, json=answer)
        assert side.history(PAGE).value.model_dump(mode="json", include={"turns"}) == {"turns": answer["turns"]}


@pytest.mark.parametrize("name", ["generate", "append", "rate"])
def test_an_answer_about_another_turn_is_none(name: str) -> None:
    method, url, asked, answer = {**READS, **WRITES}[name][:4]
    with responses.RequestsMock() as web, remote() as side:
        web.add(method, url, body=answer.model_copy(update={"turn_id": "turn-of-another"}).model_dump_json())
        with pytest.raises(ContractViolation, match="another turn"):
            getattr(side, name)(asked)


def test_a_turn_survives_the_wire() -> None:
    full = turn(1, question="“Größe”\n\t👍", story_id="a|b", refused="x")
    assert Turn.model_validate_json(full.model_dump_json()) == full
    assert AskRequest.model_validate_json(GENERATE.model_dump_json()) == GENERATE
