"""The search API as the site calls it: paths, bodies, and handling of responses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.errors import ContractViolation, InvalidRequest, RateLimited, Unavailable
from backend_clients.http.session import ApiSession
from backend_clients.search.remote import RemoteSearch
from contracts.problem import FieldError, Problem
from contracts.search import SearchFilters, SearchKind, SearchRequest, SearchResult
from tests.support.builders.stories import story
from tests.support.sides.in_process import LegacySides

URL = "https://search.example.com/v1"
ANSWER = LegacySides([story("größe|a b", title="payments", tags=("C++",))], {"größe|a b": 0.5}).search.hybrid(
    SearchRequest(query="payments")
)
KINDS = list(SearchKind)


@contextmanager
def remote() -> Iterator[RemoteSearch]:
    with ApiSession(URL, "key", connect_timeout=1.0, read_timeout=2.0) as api:
        yield RemoteSearch(api)


def ask(search: RemoteSearch, kind: SearchKind, request: SearchRequest, **options: Any) -> Any:
    return getattr(search, kind.value)(request, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_posted_to_its_own_path_and_answered_whole(kind: SearchKind) -> None:
    request = SearchRequest(query="größe 👍", filters=SearchFilters(clients=("A",)), limit=5)
    with responses.RequestsMock() as web, remote() as search:
        web.add(
            responses.POST, f"{URL}/api/search/{kind}", body=ANSWER.model_dump_json(), headers={"X-Cold-Start": "1"}
        )
        served = ask(search, kind, request)
        sent = web.calls[0].request
    assert (served.value, served.cold_start) == (ANSWER, True)
    assert SearchRequest.model_validate_json(sent.body) == request
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["X-Api-Key"] == "key"
    assert "Idempotency-Key" not in sent.headers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shadow", [False, True])
def test_a_shadow_call_is_marked(kind: SearchKind, shadow: bool) -> None:
    with responses.RequestsMock() as web, remote() as search:
        web.add(responses.POST, f"{URL}/api/search/{kind}", body=ANSWER.model_dump_json())
        ask(search, kind, SearchRequest(query="q"), shadow=shadow)
        assert web.calls[0].request.headers.get("X-Shadow") == ("1" if shadow else None)


def problem(status: int, *errors: FieldError) -> str:
    return Problem(title="t", status=status, detail="why", request_id="r", errors=errors).model_dump_json()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (422, problem(422, FieldError(path="query", message="too long")), InvalidRequest),
        (400, problem(400), InvalidRequest),
        (429, problem(429), RateLimited),
        (500, "oops", Unavailable),
        (503, problem(503), Unavailable),
        (404, "<html>", ContractViolation),
        (200, "{}", ContractViolation),
        (200, '{"hits": []}', ContractViolation),
        (200, "not json", ContractViolation),
        (200, json.dumps({**ANSWER.model_dump(mode="json"), "surprise": 1}), ContractViolation),
    ],
)
def test_what_is_no_answer_is_a_typed_error(status: int, body: str, error: type[Exception]) -> None:
    with responses.RequestsMock() as web, remote() as search:
        web.add(responses.POST, f"{URL}/api/search/hybrid", body=body, status=status)
        with pytest.raises(error) as raised:
            search.hybrid(SearchRequest(query="q"))
    assert type(raised.value) is error
    if isinstance(raised.value, InvalidRequest) and raised.value.fields:
        assert raised.value.fields == (FieldError(path="query", message="too long"),)


@given(
    st.builds(
        SearchRequest,
        query=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=500).filter(str.strip),
        limit=st.integers(1, 100),
        offset=st.integers(0, 10**6),
        from_suggestion=st.booleans(),
    )
)
def test_any_request_arrives_as_it_was_sent(request: SearchRequest) -> None:
    with responses.RequestsMock() as web, remote() as search:
        web.add(responses.POST, f"{URL}/api/search/keyword", body=ANSWER.model_dump_json())
        search.keyword(request)
        assert SearchRequest.model_validate_json(web.calls[0].request.body) == request


def test_an_answer_survives_the_wire() -> None:
    assert SearchResult.model_validate_json(ANSWER.model_dump_json()) == ANSWER
