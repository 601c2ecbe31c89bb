"""Errors of the functions, and the table that maps exceptions to HTTP statuses."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from contracts.problem import FieldError, Problem

MAX_FIELD_ERRORS: Final = 20
_MAX_PATH: Final = 200
_RETRY_AFTER_SECONDS: Final = 1
_THROTTLES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class RequestError(Exception):
    """An error whose text is safe to send to the caller."""

    status: HTTPStatus
    detail: str
    errors: tuple[FieldError, ...] = ()

    def __init__(self, detail: str | None = None, *, corpus_version: str = "") -> None:
        self.detail = detail or self.detail
        self.corpus_version = corpus_version
        super().__init__(self.detail)


class BrokenBody(RequestError):
    """A body that is no JSON; `reason` says why, without repeating what was sent."""

    status = HTTPStatus.BAD_REQUEST
    detail = "The request's body is not valid JSON."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.errors = (FieldError(path="body", message=reason),)


class InvalidRequest(RequestError):
    """Invalid fields; `errors` names each."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    detail = "The request has fields that are missing, unknown or out of range."

    def __init__(self, errors: Iterable[FieldError], *, corpus_version: str = "") -> None:
        super().__init__(corpus_version=corpus_version)
        self.errors = tuple(errors)[:MAX_FIELD_ERRORS]

    @classmethod
    def of(cls, error: ValidationError) -> "InvalidRequest":
        """Name the fields of a failed validation without repeating their values.

        Of a list with a bad item the item alone is named: pydantic leaves it out and may then find the list too short.
        """
        found = error.errors(include_url=False, include_context=False, include_input=False)
        within = {item["loc"][:depth] for item in found for depth in range(len(item["loc"]))}
        return cls(
            FieldError(path=dotted(item["loc"]), message=item["msg"]) for item in found if item["loc"] not in within
        )

    @classmethod
    def naming(cls, path: str, message: str) -> "InvalidRequest":
        return cls([FieldError(path=path, message=message)])


class NotFound(RequestError):
    status = HTTPStatus.NOT_FOUND
    detail = "There is nothing here by that name."


class Conflict(RequestError):
    status = HTTPStatus.CONFLICT
    detail = "The request does not fit what is there already."


class TooLarge(RequestError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    detail = "The request's body is too large."


class Throttled(RequestError):
    status = HTTPStatus.TOO_MANY_REQUESTS
    detail = "Too many requests; try again in a moment."


class DependencyDown(RequestError):
    """A dependency did not respond. Its name goes to the log only, through the chained exception."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    detail = "A service this answer needs is not available; try again in a moment."


class InternalError(RequestError):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "The request could not be answered because of an error on this side."


def _from_client_error(error: Any) -> RequestError:
    return Throttled() if error.response.get("Error", {}).get("Code") in _THROTTLES else DependencyDown()


_TABLE: Final[tuple[tuple[type[Exception], Callable[[Any], RequestError]], ...]] = (
    (RequestError, lambda error: error),
    (ClientError, _from_client_error),
    (BotoCoreError, lambda _: DependencyDown()),
    (ConnectionError, lambda _: DependencyDown()),
    (TimeoutError, lambda _: DependencyDown()),
)


def to_request_error(error: Exception) -> RequestError:
    """Map an exception by the table; an unlisted exception is an internal error."""
    return next((convert(error) for kind, convert in _TABLE if isinstance(error, kind)), InternalError())


def to_problem(error: RequestError, request_id: str) -> tuple[Problem, dict[str, str]]:
    """The problem document of an error, and its headers."""
    problem = Problem(
        title=error.status.phrase,
        status=error.status.value,
        detail=error.detail,
        request_id=request_id,
        errors=error.errors,
        corpus_version=error.corpus_version,
    )
    retry = error.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return problem, {"Retry-After": str(_RETRY_AFTER_SECONDS)} if retry else {}


def dotted(location: tuple[int | str, ...]) -> str:
    """A place as a path; lone surrogates, which UTF-8 cannot carry, become question marks."""
    return ".".join(map(str, location))[:_MAX_PATH].encode("utf-8", "replace").decode()
