"""Retries and parameters of calls to a chat model: providers differ in what they take and in how they fail."""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Final, TypeVar

import openai
from tenacity import RetryCallState, Retrying, retry_if_exception

from contracts.ask_prompt import MAX_ANSWER_TOKENS, TEMPERATURE
from contracts.rules.prose.model_replies import error_code, is_quota_error, rejected_parameter

_ATTEMPTS: Final = 3
_BACKOFF_SECONDS: Final = 0.4  # before the second attempt; twice as long before the third
_TRANSIENT: Final = (408, 409)
_NEEDED_BY: Final = {"stream": "stream_options"}
_RENAMED: Final = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}

Result = TypeVar("Result")


class ParameterSet:
    """Holds the optional parameters of a call, without those that the provider has rejected."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accepted: dict[str, Any] = {
            "temperature": TEMPERATURE,
            "max_completion_tokens": MAX_ANSWER_TOKENS,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        self._rejected: set[str] = set()

    def accepted(self) -> dict[str, Any]:
        with self._lock:
            return self._accepted.copy()

    def reject(self, name: str) -> None:
        """Drop a parameter and what needs it, or give it its other name if that one is untried."""
        with self._lock:
            if name not in self._accepted:
                return
            value = self._accepted.pop(name)
            self._rejected.add(name)
            self._accepted.pop(_NEEDED_BY.get(name, ""), None)
            alternative = _RENAMED.get(name)
            if alternative and alternative not in self._rejected:
                self._accepted[alternative] = value


def complete_call(parameters: ParameterSet, call: Callable[[Mapping[str, Any]], Result], deadline: float) -> Result:
    """Call with the accepted parameters until it succeeds, or cannot, or the deadline is near.

    A rejected parameter is one call more, and is remembered.
    """
    while True:
        given = parameters.accepted()
        try:
            return _retries(deadline)(call, given)
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            name = rejected_parameter(error.param, str(error.message), given)
            if not name:
                raise
            parameters.reject(name)


def describe(error: BaseException) -> str:
    """Describe an error by type, status and code, without its text, which may hold keys and prompts."""
    if not isinstance(error, openai.APIStatusError):
        return type(error).__name__
    return f"{type(error).__name__} {error.status_code} {error_code(error.code)}".rstrip()


def _retries(deadline: float) -> Retrying:
    def is_over(state: RetryCallState) -> bool:
        return state.attempt_number >= _ATTEMPTS or time.monotonic() + state.upcoming_sleep >= deadline

    return Retrying(retry=retry_if_exception(_may_pass), wait=_pause, stop=is_over, reraise=True)


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, openai.RateLimitError) and is_quota_error(error.code, error.type, str(error.message)):
        return False
    if isinstance(error, openai.APIStatusError):
        is_transient = error.status_code in _TRANSIENT or error.status_code == 429 or error.status_code >= 500
        return is_transient and error.response.headers.get("x-should-retry") != "false"
    return isinstance(error, openai.APIConnectionError)


def _pause(state: RetryCallState) -> float:
    """Return the seconds of `Retry-After`, else the backoff."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after") if isinstance(error, openai.APIStatusError) else None
    try:
        return max(0.0, float(asked)) if asked else _backoff(state)
    except ValueError:
        return _backoff(state)


def _backoff(state: RetryCallState) -> float:
    return float(_BACKOFF_SECONDS * 2 ** (state.attempt_number - 1))
