"""An HTTP session to the Lambda functions: key, time-outs, retries, and mapping of problems to typed errors."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, cast

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util.retry import Retry

from backend_clients.errors import (
    BackendError,
    Conflict,
    ContractViolation,
    InvalidRequest,
    KeyRefused,
    NotFound,
    RateLimited,
    Timeout,
    Unavailable,
)
from backend_clients.http.deadline import Deadline, DeadlineAdapter
from contracts.problem import Problem

M = TypeVar("M", bound=BaseModel)
Query = Sequence[tuple[str, str]]

COLD_START_HEADER: Final = "X-Cold-Start"
_RETRIED_STATUSES: Final = (502, 503, 504)
_MAX_RESPONSE_BYTES: Final = 20_000_000
_CHUNK_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class ApiResponse(Generic[M]):
    """A validated answer, and whether it was a cold start."""

    value: M
    cold_start: bool = False


class _ReadRetry(Retry):
    """Retries fast failures only; a read that timed out is not retried."""

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        error = kwargs.get("error")
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(*args, **kwargs)


class ApiSession:
    """Calls one domain's API.

    Reads are retried twice with jittered back-off on connection errors and 502, 503, 504; writes are not retried. The
    read time-out bounds the whole answer, however slowly it arrives; the sum of both time-outs bounds all attempts.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        auth: requests.auth.AuthBase | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeouts = (connect_timeout, read_timeout)
        self._reads = _session(api_key, auth, retries=2)
        self._writes = _session(api_key, auth, retries=0)

    @property
    def configured(self) -> bool:
        """Whether an API URL is configured."""
        return bool(self._base_url)

    def read(
        self,
        model: type[M],
        method: str,
        path: str,
        *,
        query: Query = (),
        body: BaseModel | None = None,
        shadow: bool = False,
    ) -> ApiResponse[M]:
        """Send a read request; `path` is percent-encoded."""
        request = build_request(method, self._base_url + path, query, body)
        if shadow:
            request.headers["X-Shadow"] = "1"
        return self._send(self._reads, model, request)

    def write(
        self, model: type[M], method: str, path: str, *, key: str, query: Query = (), body: BaseModel | None = None
    ) -> ApiResponse[M]:
        """Send a write request; `key` is the idempotency key, so that a repeated call has no further effect."""
        request = build_request(method, self._base_url + path, query, body)
        request.headers["Idempotency-Key"] = key
        return self._send(self._writes, model, request)

    def close(self) -> None:
        self._reads.close()
        self._writes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _send(self, session: requests.Session, model: type[M], request: requests.Request) -> ApiResponse[M]:
        if not self._base_url:
            raise Unavailable("no address is configured for the Lambda side")
        request_id = request.headers["X-Request-Id"]
        deadline = cast(Any, Deadline(*self._timeouts))  # requests passes it to urllib3 unchanged
        try:
            prepared = session.prepare_request(request)
            with session.send(prepared, timeout=deadline, stream=True, allow_redirects=False) as response:
                content = _content(response)
        except requests.Timeout as error:
            raise Timeout("the Lambda side did not answer in time", request_id=request_id) from error
        except requests.RequestException as error:
            raise Unavailable("the Lambda side could not be reached", request_id=request_id) from error
        return _served(model, response, content)


def build_request(method: str, url: str, query: Query, body: BaseModel | None) -> requests.Request:
    """Build a request with a new request id; `body` is sent as JSON."""
    headers = {"X-Request-Id": uuid.uuid4().hex}
    request = requests.Request(method, url, headers, params=list(query))
    if body is not None:
        request.data = body.model_dump_json().encode()
        headers["Content-Type"] = "application/json"
    return request


def _session(api_key: str, auth: requests.auth.AuthBase | None, *, retries: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = auth
    session.headers.update({"Accept": "application/json", "X-Api-Key": api_key})
    retry = _ReadRetry(
        total=retries,
        status_forcelist=_RETRIED_STATUSES,
        allowed_methods=None,
        backoff_factor=0.05,
        backoff_jitter=0.05,
        backoff_max=0.5,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    adapter = DeadlineAdapter(pool_maxsize=32, max_retries=retry)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _content(response: requests.Response) -> bytes:
    """Read the body; raises if it is too large."""
    content = bytearray()
    try:
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > _MAX_RESPONSE_BYTES:
                raise requests.RequestException("answer too large")
    except ReadTimeoutError as error:
        raise requests.Timeout from error
    except HTTPError as error:
        raise requests.ConnectionError from error
    return bytes(content)


def _served(model: type[M], response: requests.Response, content: bytes) -> ApiResponse[M]:
    if response.status_code != requests.codes.ok:
        raise _error(response.status_code, response.headers, content)
    try:
        value = model.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_url=False)[0]["loc"])) or "the whole body"
        raise ContractViolation(
            f"the Lambda side's answer breaks the contract at {where}", request_id=_request_id(response.headers)
        ) from error
    return ApiResponse(value, cold_start=response.headers.get(COLD_START_HEADER) == "1")


def _error(status: int, headers: Mapping[str, str], content: bytes) -> BackendError:
    """Map a status other than 200 to a typed error. A 4xx counts as an answer only with a problem document.

    A rejected key (401, 403) is `KeyRefused`, which is `Unavailable`, whatever the body: API Gateway's is no problem.
    """
    request_id = _request_id(headers)
    if status == requests.codes.too_many_requests:
        return RateLimited("the Lambda side is busy", _retry_after(headers), request_id=request_id)
    if status in {
        requests.codes.unauthorized,
        requests.codes.forbidden,
    }:
        return KeyRefused("the Lambda side refused the site's key", request_id=request_id)
    if status >= requests.codes.internal_server_error:
        return Unavailable(f"the Lambda side failed (HTTP {status})", request_id=request_id)
    try:
        problem = Problem.model_validate_json(content)
    except ValidationError:
        return ContractViolation(f"the Lambda side gave an unexpected answer (HTTP {status})", request_id=request_id)
    refused: dict[int, BackendError] = {
        requests.codes.not_found: NotFound(
            problem.detail, request_id=request_id, corpus_version=problem.corpus_version
        ),
        requests.codes.conflict: Conflict(problem.detail, request_id=request_id),
    }
    return refused.get(status) or InvalidRequest(
        problem.detail, problem.errors, request_id=request_id, corpus_version=problem.corpus_version
    )


def _request_id(headers: Mapping[str, str]) -> str:
    return headers.get("X-Request-Id", "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
