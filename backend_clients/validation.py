"""Turning pydantic's findings into the typed error that pages and callers know."""

from pydantic import ValidationError

from backend_clients.errors import InvalidRequest
from contracts.problem import FieldError


def invalid_request(error: ValidationError) -> InvalidRequest:
    """Name every field at fault by its dotted path, without repeating the value given."""
    fields = tuple(
        FieldError(path=".".join(map(str, item["loc"])), message=item["msg"])
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return InvalidRequest("; ".join(f"{field.path}: {field.message}" for field in fields), fields)
