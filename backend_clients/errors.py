"""Errors of the clients (`BackendError`) and of reading or changing a migration (`MigrationError`)."""

from pydantic import ValidationError

from contracts.problem import FieldError


class BackendError(Exception):
    """A call that could not be answered; the message is fit for a visitor.

    `corpus_version` is the corpus in which something named by the request was not found, where known.
    """

    def __init__(self, message: str, *, request_id: str = "", corpus_version: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.request_id = request_id
        self.corpus_version = corpus_version


class Unavailable(BackendError):
    """The side is down: no connection, a 5xx, or its circuit is open."""


class KeyRefused(Unavailable):
    """The side refused the site's key (401, 403): a fault of the configuration, not of the request."""


class Timeout(Unavailable):
    """No answer came in time."""


class ContractViolation(Unavailable):
    """The answer violates the contract: not JSON, or the wrong shape."""


class InvalidRequest(BackendError):
    """The request was rejected; `fields` lists the invalid fields with the reason of each."""

    def __init__(
        self, message: str, fields: tuple[FieldError, ...] = (), *, request_id: str = "", corpus_version: str = ""
    ) -> None:
        super().__init__(message, request_id=request_id, corpus_version=corpus_version)
        self.fields = fields


class NotFound(BackendError):
    """The requested item does not exist."""


class Conflict(BackendError):
    """The same key was used before with a different request."""


class RateLimited(BackendError):
    """Too many requests; `retry_after` is in seconds, None if the side sent none."""

    def __init__(self, message: str, retry_after: float | None = None, *, request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after = retry_after


class MigrationError(Exception):
    """The state of a migration cannot be read or changed; the message says what and why, for the maintainer."""


def invalid_request(error: ValidationError) -> InvalidRequest:
    """Convert a validation error: every invalid field by its dotted path, without the value given."""
    fields = tuple(
        FieldError(path=".".join(map(str, item["loc"])), message=item["msg"])
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return InvalidRequest("; ".join(f"{field.path}: {field.message}" for field in fields), fields)
