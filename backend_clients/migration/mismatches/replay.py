"""Replays a recorded request on both sides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from backend_clients.errors import MigrationError
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse
from backend_clients.records.reader import StoredComparison
from backend_clients.routing.comparison import Comparison, compare
from backend_clients.routing.observation import Observation, observe
from backend_clients.routing.read_router import Operation

_REDACTED: Final = ("[e-mail]", "[number]")


class NotReplayable(MigrationError):
    """The current contracts reject the stored request; the message names the operation and the field."""


@dataclass(frozen=True, slots=True)
class ParityResult:
    """Both sides' observations of one request, and their comparison."""

    comparison: Comparison
    legacy: Observation[Any]
    remote: Observation[Any]


def compare_sides(operation: Operation[Any, Any], request: BaseModel) -> ParityResult:
    """Call both sides, Lambda as a shadow, and compare. Raises `NotReplayable` without a legacy side."""
    if operation.legacy is None:
        raise NotReplayable(f"{operation.domain} has no legacy side to compare with")
    legacy_side = operation.legacy
    legacy = observe(lambda: ApiResponse(legacy_side(request)))
    remote = observe(lambda: operation.remote(request, shadow=True))
    return ParityResult(compare(operation.layers, legacy, remote), legacy, remote)


def replay(operations: Callable[[str], Sequence[Operation[Any, Any]]], stored: StoredComparison) -> Comparison:
    """Compare again with the current code. Raises `NotReplayable`."""
    operation = operation_of(operations(stored.domain), stored.domain, stored.operation)
    return compare_sides(operation, request_of(operation.endpoint, stored.request)).comparison


def operation_of(operations: Sequence[Operation[Any, Any]], domain: str, name: str) -> Operation[Any, Any]:
    found = next((operation for operation in operations if operation.name == name), None)
    if found is None:
        raise NotReplayable(f"{domain} has no operation {name!r}")
    return found


def request_of(endpoint: Endpoint[Any, Any], stored: Mapping[str, Any]) -> BaseModel:
    """Parse a stored request into its type. Raises `NotReplayable`."""
    fields = {
        name: _identifier(value) if name in ("session_id", "turn_id") else value for name, value in stored.items()
    }
    try:
        request: BaseModel = endpoint.request_type.model_validate(fields)
    except ValidationError as error:
        raise NotReplayable(f"{endpoint.domain}/{endpoint.name}: {_reason(error)}") from error
    return request


def _reason(error: ValidationError) -> str:
    """The fields that the contract does not have, such as those of older code, or else the first invalid field."""
    errors = error.errors(include_url=False)
    unknown = [".".join(map(str, item["loc"])) for item in errors if item["type"] == "extra_forbidden"]
    if unknown:
        return f"recorded by another version of the code; the request has no field {', '.join(unknown)} now"
    return f"{'.'.join(map(str, errors[0]['loc']))}: {errors[0]['msg']}"


def is_redacted(stored: Any) -> bool:
    """Whether a stored request was redacted, so that its replay differs from the original."""
    if isinstance(stored, str):
        return any(mark in stored for mark in _REDACTED)
    parts = stored.values() if isinstance(stored, Mapping) else stored if isinstance(stored, list | tuple) else ()
    return any(is_redacted(part) for part in parts)


def _identifier(value: Any) -> Any:
    """Restore the form of a session's or turn's id whose long numbers were redacted."""
    return value.replace("[number]", "0000000") if isinstance(value, str) else value
