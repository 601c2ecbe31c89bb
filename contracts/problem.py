"""Errors on the wire: problem details for HTTP APIs (RFC 9457)."""

from typing import Final

from contracts.base import Contract

MEDIA_TYPE: Final = "application/problem+json"


class FieldError(Contract):
    """One bad field: its dotted path in the request, and what is wrong with it."""

    path: str
    message: str


class Problem(Contract):
    """RFC 9457 problem details, with the request's id and the fields at fault.

    `corpus_version` is the corpus in which something named by the request was not found, "" for other problems.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str
    errors: tuple[FieldError, ...] = ()
    corpus_version: str = ""
