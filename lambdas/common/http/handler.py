"""The API wrapper: turns a function of a typed request into a Lambda handler."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from contracts.problem import MEDIA_TYPE as PROBLEM_TYPE
from lambdas.common.http.cors import cors_headers, preflight_headers
from lambdas.common.http.problems import to_problem, to_request_error
from lambdas.common.http.request import ApiRequest
from lambdas.common.observability import logger, record_request
from lambdas.common.settings import FunctionSettings

__all__ = ["ApiRequest", "JsonText", "api_function"]

_JSON_TYPE = "application/json"
_NO_STORE = "no-store"


@dataclass(frozen=True)
class JsonText:
    """An answer that is already JSON."""

    text: str


Answer = BaseModel | JsonText
Proxy = Callable[[dict[str, Any], Any], dict[str, Any]]


def api_function(
    *, methods: str = "GET", cache_control: str = _NO_STORE
) -> Callable[[Callable[[ApiRequest], Answer]], Proxy]:
    """Make a Lambda handler of a function that takes an `ApiRequest` and returns its answer.

    Every exception becomes a problem document; the exception itself is only logged.

    Parameters
    ----------
    methods
        The route's methods for CORS preflights, comma-separated.
    cache_control
        Cache-Control of answers; problems are sent with no-store.
    """

    def decorate(function: Callable[[ApiRequest], Answer]) -> Proxy:
        @wraps(function)
        def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
            started = time.perf_counter()
            request = ApiRequest(event)
            logger.append_keys(request_id=request.request_id, shadow=request.shadow)
            if request.method == "OPTIONS":
                return _preflight(request, methods)
            status, headers, body = _answer(function, request, cache_control)
            headers |= cors_headers(request.header("Origin"), _settings().allowed_origins)
            headers["X-Request-Id"] = request.request_id
            record_request(status, time.perf_counter() - started)
            return _response(status, headers, body)

        return handler

    return decorate


def _answer(
    function: Callable[[ApiRequest], Answer], request: ApiRequest, cache_control: str
) -> tuple[int, dict[str, str], str]:
    try:
        answer = function(request)
        text = answer.text if isinstance(answer, JsonText) else answer.model_dump_json()
    except Exception as error:  # noqa: BLE001 - the last line of defence: everything becomes a problem document
        request_error = to_request_error(error)
        _log(error, request_error.status)
        problem, headers = to_problem(request_error, request.request_id)
        headers |= {"Content-Type": PROBLEM_TYPE, "Cache-Control": _NO_STORE}
        return problem.status, headers, problem.model_dump_json()
    return HTTPStatus.OK, {"Content-Type": _JSON_TYPE, "Cache-Control": cache_control}, text


def _log(error: Exception, status: HTTPStatus) -> None:
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.info("request rejected", extra={"status": status.value, "error": type(error).__name__})
    else:
        logger.error("request failed", extra={"status": status.value}, exc_info=error)


def _preflight(request: ApiRequest, methods: str) -> dict[str, Any]:
    headers = preflight_headers(request.header("Origin"), _settings().allowed_origins, methods)
    return _response(HTTPStatus.NO_CONTENT, headers | {"X-Request-Id": request.request_id}, "")


def _response(status: int, headers: dict[str, str], body: str) -> dict[str, Any]:
    return {"statusCode": int(status), "headers": headers, "body": body, "isBase64Encoded": False}


@cache
def _settings() -> FunctionSettings:
    return FunctionSettings()
