"""Calls a chat model with retries, and with the parameters that its provider accepts."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from contracts.ask_prompt import MAX_ANSWER_TOKENS, TEMPERATURE
from contracts.rules.prose.model_replies import error_code, is_quota_error, rejected_parameter

_TRIES: Final = 3
_FIRST_WAIT: Final = 0.4  # seconds; doubled for the next try
_OTHER_NAMES: Final = {"max_completion_tokens": "max_tokens", "max_tokens": "max_completion_tokens"}

Result = TypeVar("Result")


class ChatParameters:
    """Holds the optional parameters of a call, without those that the provider has rejected."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {
            "temperature": TEMPERATURE,
            "max_completion_tokens": MAX_ANSWER_TOKENS,
            "stream": True,
        }
        self._refused: set[str] = set()
        self._lock = threading.Lock()

    def current(self) -> dict[str, Any]:
        with self._lock:
            return dict(self._values)

    def learn(self, sent: dict[str, Any], error: Exception) -> bool:
        """Drop or rename the parameter that an error rejects; return whether to call again."""
        from openai import BadRequestError, UnprocessableEntityError  # noqa: PLC0415  loaded only where a key is set

        if not isinstance(error, BadRequestError | UnprocessableEntityError):
            return False
        name = rejected_parameter(error.param, str(error.message), sent)
        if not name:
            return False
        with self._lock:
            value = self._values.pop(name, None)
            other = _OTHER_NAMES.get(name, "")
            if value is not None:
                self._refused.add(name)
                if other and other not in self._refused:
                    self._values[other] = value
        return True


def call_adapted(parameters: ChatParameters, deadline: float, call: Callable[[dict[str, Any]], Result]) -> Result:
    """Call with the accepted parameters, with retries until the deadline."""
    while True:
        sent = parameters.current()
        try:
            return _retrying(deadline)(call, sent)
        except Exception as error:
            if not parameters.learn(sent, error):
                raise


def reason_of(error: BaseException) -> str:
    """Describe an error for logs by type, status and code, without the provider's text."""
    status, code = getattr(error, "status_code", None), error_code(getattr(error, "code", None))
    return " ".join(str(part) for part in (type(error).__name__, status, code) if part)


def _retrying(deadline: float) -> Retrying:
    return Retrying(
        retry=retry_if_exception(_is_passing),
        wait=_wait,
        stop=lambda state: stop_after_attempt(_TRIES)(state) or time.monotonic() + state.upcoming_sleep >= deadline,
        reraise=True,
    )


def _is_passing(error: BaseException) -> bool:
    """Whether the same call may succeed in a moment."""
    from openai import APIConnectionError, APIStatusError  # noqa: PLC0415

    if isinstance(error, APIConnectionError):
        return True
    if not isinstance(error, APIStatusError) or error.response.headers.get("x-should-retry") == "false":
        return False
    if error.status_code == 429:
        return not is_quota_error(error.code, error.type, str(error.message))
    return error.status_code in (408, 409) or error.status_code >= 500


def _wait(state: RetryCallState) -> float:
    """Return the seconds until the next try: those of `Retry-After`, else the backoff."""
    error = state.outcome.exception() if state.outcome else None
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return float(_FIRST_WAIT * 2 ** (state.attempt_number - 1))
