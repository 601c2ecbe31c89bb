"""Mapping of exceptions to HTTP statuses."""

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, NoCredentialsError
from pydantic import BaseModel, ValidationError

from lambdas.common.http.problems import (
    MAX_FIELD_ERRORS,
    BrokenBody,
    DependencyDown,
    InvalidRequest,
    NotFound,
    Throttled,
    TooLarge,
    to_problem,
    to_request_error,
)
from tests.support.faults.aws_clients import client_error


class Ten(BaseModel):
    numbers: tuple[int, ...]


def validation_error(count: int) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Ten.model_validate({"numbers": ["x"] * count})
    return caught.value


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (BrokenBody("Is no JSON"), 400, False),
        (InvalidRequest.naming("a", "b"), 422, False),
        (NotFound("No such thing."), 404, False),
        (TooLarge(), 413, False),
        (Throttled(), 429, True),
        (DependencyDown(), 503, True),
        (client_error("ThrottlingException"), 429, True),
        (client_error("ProvisionedThroughputExceededException"), 429, True),
        (client_error("SlowDown"), 429, True),
        (client_error("AccessDeniedException"), 503, True),
        (client_error("InternalServerError"), 503, True),
        (EndpointConnectionError(endpoint_url="http://secret"), 503, True),
        (ConnectTimeoutError(endpoint_url="http://secret"), 503, True),
        (NoCredentialsError(), 503, True),
        (ConnectionResetError("secret"), 503, True),
        (TimeoutError("secret"), 503, True),
        (ValueError("secret"), 500, False),
        (KeyError("secret"), 500, False),
        (validation_error(1), 500, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_exception_has_a_status_and_keeps_its_text_to_itself(error: Exception, status: int, retry: bool) -> None:
    problem, headers = to_problem(to_request_error(error), "id-1")
    assert (problem.status, problem.request_id) == (status, "id-1")
    assert ("Retry-After" in headers) == retry
    assert "secret" not in problem.model_dump_json()


def test_bad_fields_are_named_by_their_path_and_bounded() -> None:
    problem, _ = to_problem(InvalidRequest.of(validation_error(500)), "id-1")
    assert len(problem.errors) == MAX_FIELD_ERRORS
    assert problem.errors[1].path == "numbers.1"
