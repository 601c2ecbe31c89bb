"""The HTTP session: requests, responses, errors, retries and time-outs."""

import contextlib
import gzip
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from backend_clients.errors import (
    BackendError,
    ContractViolation,
    InvalidRequest,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.http.session import ApiResponse, ApiSession
from contracts.problem import FieldError, Problem
from tests.support.servers.raw_server import answering, cutting, delayed, raw_server, resetting, sending, trickling

URL = "https://api.example.com/v1"
GOOD = b'{"text": "yes"}'
CHUNKED_HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str


def session(url: str = URL, key: str = "key-1", read_timeout: float = 1.0) -> ApiSession:
    return ApiSession(url, key, connect_timeout=0.5, read_timeout=read_timeout)


def read(url: str = URL, read_timeout: float = 1.0, **request: Any) -> ApiResponse[Reply]:
    with session(url, read_timeout=read_timeout) as api:
        return api.read(Reply, "GET", "/api/thing", **request)


def problem(status: int, detail: str = "what is wrong", **fields: Any) -> bytes:
    document = Problem(title="Title", status=status, detail=detail, request_id="r-1", **fields)
    return document.model_dump_json().encode()


@pytest.fixture
def web() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def reply(web: Any, body: bytes = GOOD, status: int = 200, **headers: str) -> None:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    web.add(responses.GET, f"{URL}/api/thing", body=body, status=status, headers=names)


def error_of(web: Any, body: bytes, status: int, **headers: str) -> BackendError:
    reply(web, body, status, **headers)
    with pytest.raises(BackendError) as raised:
        read()
    return raised.value


# What is sent


def test_a_request_carries_the_key_and_an_id_of_its_own(web: Any) -> None:
    reply(web)
    with session() as api:
        for _ in range(2):
            api.read(Reply, "GET", "/api/thing")
    first, second = (call.request.headers for call in web.calls)
    assert first["X-Api-Key"] == "key-1"
    assert first["Accept"] == "application/json"
    assert len(first["X-Request-Id"]) == 32
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_only_a_shadow_call_is_marked(web: Any) -> None:
    reply(web)
    read()
    read(shadow=True)
    usual, shadow = (call.request.headers for call in web.calls)
    assert "X-Shadow" not in usual
    assert shadow["X-Shadow"] == "1"


def test_query_values_are_encoded_and_repeated(web: Any) -> None:
    reply(web)
    read(query=[("q", "a b&c=d/é"), ("client", "Acme"), ("client", "B|t")])
    assert web.calls[0].request.url == f"{URL}/api/thing?q=a+b%26c%3Dd%2F%C3%A9&client=Acme&client=B%7Ct"


def test_a_body_is_sent_as_json(web: Any) -> None:
    web.add(responses.POST, f"{URL}/api/thing", body=GOOD)
    with session() as api:
        api.read(Reply, "POST", "/api/thing", body=Reply(text="größe"))
    request = web.calls[0].request
    assert request.headers["Content-Type"] == "application/json"
    assert request.body == '{"text":"größe"}'.encode()


def test_a_trailing_slash_of_the_base_url_does_not_double(web: Any) -> None:
    reply(web)
    read(f"{URL}/")
    assert web.calls[0].request.url == f"{URL}/api/thing"


def test_proxies_netrc_and_certificates_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with raw_server(answering(GOOD)) as server:
        assert read(server.url).value.text == "yes"
        assert server.heads[0].startswith("GET /api/thing HTTP/1.1\r\n")
        assert "Authorization" not in server.heads[0]


@pytest.mark.parametrize(
    "script",
    [
        answering(GOOD),
        answering(gzip.compress(GOOD), "200 OK", "Content-Encoding: gzip"),
        sending(f'{CHUNKED_HEAD}5\r\n{{"tex\r\na\r\nt": "yes"}}\r\n0\r\n\r\n'.encode()),
    ],
    ids=["whole", "gzip", "chunked"],
)
def test_a_connection_is_kept_for_the_next_call(script: Any) -> None:
    with raw_server(script) as server:
        with session(server.url) as api:
            for _ in range(5):
                assert api.read(Reply, "GET", "/api/thing").value.text == "yes"
        assert (len(server.heads), server.connections) == (5, 1)


def test_a_write_carries_its_idempotency_key_and_is_never_tried_again() -> None:
    for failing in (resetting, answering(b"", "503 Service Unavailable")):
        with raw_server(failing) as server, session(server.url) as api:
            with pytest.raises(Unavailable):
                api.write(Reply, "POST", "/api/thing", key="once")
            assert len(server.heads) == 1
            assert "Idempotency-Key: once\r\n" in server.heads[0]


# Answers


def test_an_answer_is_validated_and_typed(web: Any) -> None:
    reply(web)
    assert read() == ApiResponse(Reply(text="yes"), cold_start=False)


@pytest.mark.parametrize(("header", "cold"), [("1", True), ("0", False), ("", False)])
def test_a_cold_start_is_read_from_its_header(web: Any, header: str, cold: bool) -> None:
    reply(web, X_Cold_Start=header)
    assert read().cold_start is cold


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "the whole body"),
        (b"<html><body>It works!</body></html>", "the whole body"),
        (b'{"text": "yes"', "the whole body"),
        (b"[]", "the whole body"),
        (b"null", "the whole body"),
        (b'{"text": "\xff"}', "the whole body"),
        (b"[" * 10_000, "the whole body"),
        (b'{"text": 7}', "text"),
        (b"{}", "text"),
        (b'{"text": "yes", "more": 1}', "more"),
    ],
)
def test_an_answer_off_the_contract_is_a_violation_that_says_where(web: Any, body: bytes, where: str) -> None:
    error = error_of(web, body, 200, X_Request_Id="r-7")
    assert type(error) is ContractViolation
    assert str(error) == f"the Lambda side's answer breaks the contract at {where}"
    assert error.request_id == "r-7"


@pytest.mark.parametrize("status", [201, 301, 302, 400, 404, 405, 422])
@pytest.mark.parametrize("body", [b"", b"<html>Not here</html>", b'{"message": "Missing Authentication Token"}'])
def test_a_status_without_a_problem_document_is_a_violation_not_an_answer(web: Any, status: int, body: bytes) -> None:
    assert type(error_of(web, body, status)) is ContractViolation


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_that_has_no_body_is_a_violation(web: Any, status: int) -> None:
    assert type(error_of(web, b"", status)) is ContractViolation


def test_a_redirect_is_not_followed(web: Any) -> None:
    web.add(responses.GET, "https://elsewhere.example.com/", body=GOOD)
    assert type(error_of(web, b"", 302, Location="https://elsewhere.example.com/")) is ContractViolation
    assert len(web.calls) == 1


def test_an_answer_that_never_seems_to_end_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\n\r\n"
    with raw_server(trickling(head, b"x" * 1_000_000, pause=0.0, times=40)) as server:
        with pytest.raises(Unavailable) as raised:
            read(server.url, read_timeout=10.0)
        assert type(raised.value) is Unavailable


# Errors


def test_404_with_a_problem_is_not_found(web: Any) -> None:
    refused = problem(404, "no story has this id", corpus_version="v7")
    error = error_of(web, refused, 404, X_Request_Id="r-9")
    assert type(error) is NotFound
    assert (str(error), error.request_id, error.corpus_version) == ("no story has this id", "r-9", "v7")


@pytest.mark.parametrize("status", [400, 405, 413, 415, 422])
def test_another_refusal_is_an_invalid_request_with_the_fields_at_fault(web: Any, status: int) -> None:
    fields = (FieldError(path="limit", message="too large"),)
    error = error_of(web, problem(status, "limit: too large", errors=fields), status)
    assert isinstance(error, InvalidRequest)
    assert (str(error), error.fields) == ("limit: too large", fields)


@pytest.mark.parametrize("body", [problem(403), b'{"message": "Forbidden"}'])
@pytest.mark.parametrize("status", [401, 403])
def test_a_rejected_key_means_that_the_side_is_down(web: Any, status: int, body: bytes) -> None:
    error = error_of(web, body, status)
    assert isinstance(error, Unavailable)
    assert "what is wrong" not in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("²", None),
    ],
)
@pytest.mark.parametrize("body", [problem(429), b'{"message": "Too Many Requests"}', b""])
def test_429_is_rate_limited_and_says_when_to_come_back(
    web: Any, body: bytes, header: str, seconds: float | None
) -> None:
    error = error_of(web, body, 429, Retry_After=header)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [problem(500, "secret path /srv"), b"<html>Bad gateway</html>", b""])
def test_a_5xx_means_that_the_side_is_down_and_keeps_its_words_to_itself(web: Any, status: int, body: bytes) -> None:
    error = error_of(web, body, status)
    assert type(error) is Unavailable
    assert str(error) == f"the Lambda side failed (HTTP {status})"


@pytest.mark.parametrize("url", ["", "/"])
def test_without_an_address_the_side_is_unavailable(url: str) -> None:
    with pytest.raises(Unavailable, match="no address is configured"):
        read(url)


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://api.example.com", "http://[", "http://127.0.0.1:99999", "http://a b"]
)
def test_an_address_that_is_none_makes_the_side_unavailable(url: str) -> None:
    with pytest.raises(Unavailable):
        read(url)


def test_the_key_is_in_no_error(web: Any) -> None:
    assert "key-1" not in str(error_of(web, b"", 403))


@given(
    st.integers(100, 599),
    st.binary(max_size=60) | st.just(GOOD) | st.just(problem(404)),
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=8),
)
def test_whatever_comes_back_is_an_answer_or_a_typed_error(status: int, body: bytes, header: str) -> None:
    with responses.RequestsMock() as web:
        web.add(responses.GET, f"{URL}/api/thing", body=body, status=status, headers={"Retry-After": header})
        try:
            assert read().value.text == "yes"
        except BackendError:
            assert (status, body) != (200, GOOD)


# Trying again


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
def test_a_failed_gateway_is_tried_twice_more(status: str) -> None:
    failing = answering(b"", status)
    with raw_server(failing, failing, answering(GOOD)) as server:
        assert read(server.url).value.text == "yes"
        assert len(server.heads) == 3
    with raw_server(failing) as server:
        with pytest.raises(Unavailable, match=f"HTTP {status[:3]}"):
            read(server.url)
        assert len(server.heads) == 3


@pytest.mark.parametrize("status", ["500 Internal Server Error", "429 Too Many Requests", "404 Not Found", "400 Bad"])
def test_no_other_status_is_tried_again(status: str) -> None:
    with raw_server(answering(b"", status, "Retry-After: 0")) as server:
        with pytest.raises(BackendError):
            read(server.url)
        assert len(server.heads) == 1


def test_a_reset_connection_is_tried_again() -> None:
    with raw_server(resetting, resetting, answering(GOOD)) as server:
        assert read(server.url).value.text == "yes"
        assert len(server.heads) == 3


def test_every_try_carries_the_same_request_id() -> None:
    with raw_server(resetting, answering(GOOD)) as server:
        read(server.url)
        ids = {line for head in server.heads for line in head.splitlines() if line.startswith("X-Request-Id")}
    assert len(ids) == 1


def test_a_side_without_a_listener_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = time.perf_counter()
    with pytest.raises(Unavailable):
        read(f"http://127.0.0.1:{port}")
    assert time.perf_counter() - started < 3.0


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"hello\r\n\r\n",
    ],
)
def test_an_answer_cut_short_or_garbled_on_the_way_is_the_side_being_down(cut: bytes) -> None:
    with raw_server(cutting(cut)) as server:
        with pytest.raises(Unavailable) as raised:
            read(server.url)
        assert type(raised.value) is Unavailable


# Time


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"])
def test_a_silent_side_is_a_time_out_and_is_not_tried_again(begun: bytes) -> None:
    with raw_server(trickling(begun, b"", pause=2.0, times=1)) as server:
        started = time.perf_counter()
        with pytest.raises(Timeout):
            read(server.url, read_timeout=0.2)
        assert time.perf_counter() - started < 1.5
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "script",
    [
        trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x"),
        trickling(CHUNKED_HEAD.encode(), b"1\r\nx\r\n"),
        trickling(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        trickling(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    ],
    ids=["whole", "chunked", "headers", "one header"],
)
def test_a_trickle_of_bytes_cannot_hold_the_caller(script: Any) -> None:
    with raw_server(script) as server:
        started = time.perf_counter()
        with pytest.raises(Timeout):
            read(server.url, read_timeout=0.3)
        assert time.perf_counter() - started < 2.5


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts no connection because its queue is full."""
    with socket.socket() as listening, contextlib.ExitStack() as waiting:
        listening.bind(("", 0))
        listening.listen(0)
        for _ in range(4):
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", listening.getsockname()[1]))
        yield listening.getsockname()[1]


def resolving(monkeypatch: pytest.MonkeyPatch, ports: dict[str, int]) -> None:
    """Resolve the host `many.example` to these addresses, each with its own port."""
    resolve = socket.getaddrinfo

    def found(host: str, port: Any, *how: Any, **named: Any) -> list[Any]:
        hosts = ports if host == "many.example" else [host]
        return [entry for each in hosts for entry in resolve(each, ports.get(each, port), *how, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_all_addresses_of_a_host_share_one_time_out(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, {f"127.0.0.{last}": silent_port for last in range(1, 9)})
    started = time.monotonic()
    with session("http://many.example") as api, pytest.raises(Timeout):
        api.write(Reply, "POST", "/api/thing", key="k")
    assert 0.4 < time.monotonic() - started < 1.2


def test_an_address_that_leads_nowhere_leaves_time_for_the_next(
    silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(answering(GOOD)) as server:
        port = int(server.url.rpartition(":")[2])
        resolving(monkeypatch, {"127.0.0.2": silent_port, "127.0.0.1": port})
        assert read("http://many.example").value == Reply(text="yes")


def test_addresses_of_both_families_are_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(_: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    resolving(monkeypatch, dict.fromkeys(("::1", "::2", "127.0.0.1", "127.0.0.2"), 1))
    with session("http://many.example") as api, pytest.raises(Unavailable):
        api.write(Reply, "POST", "/api/thing", key="k")
    assert tried in (["::1", "127.0.0.1", "::2", "127.0.0.2"], ["127.0.0.1", "127.0.0.2"])  # where there is no IPv6


def test_slow_refusals_share_one_deadline() -> None:
    late = delayed(answering(b"", "503 Service Unavailable"), 0.7)
    with raw_server(late, late, late, late) as server:
        started = time.perf_counter()
        with pytest.raises(Timeout):
            read(server.url, read_timeout=1.0)  # and half a second to connect: the third try has 0.1 s left
        assert time.perf_counter() - started < 1.9
        assert len(server.heads) == 3


def test_a_connection_that_waited_long_for_one_answer_has_all_the_time_for_the_next() -> None:
    with raw_server(delayed(answering(GOOD), 0.7), answering(GOOD), delayed(answering(GOOD), 0.7)) as server:
        with session(server.url, read_timeout=1.0) as api:
            for _ in range(3):
                assert api.read(Reply, "GET", "/api/thing").value.text == "yes"
        assert server.connections == 1
