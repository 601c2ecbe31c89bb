"""Error responses of the gateway, shaped by a template's GatewayResponses."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True)
class GatewayError:
    """An error that the gateway answers itself: a response type of API Gateway and its defaults."""

    type: str
    status: int
    message: str
    exception: str


NO_ROUTE = GatewayError(
    "MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "MissingAuthenticationTokenException"
)
BAD_KEY = GatewayError("INVALID_API_KEY", 403, "Forbidden", "ForbiddenException")
FOREIGN_HOST = GatewayError("ACCESS_DENIED", 403, "Forbidden", "ForbiddenException")
UNSIGNED = GatewayError(
    "INVALID_SIGNATURE", 403, "The request has no valid signature of this account", "InvalidSignatureException"
)
BAD_BODY = GatewayError("BAD_REQUEST_BODY", 400, "Bad Request", "BadRequestException")
TOO_LARGE = GatewayError("REQUEST_TOO_LARGE", 413, "Request Too Long", "RequestTooLargeException")
THROTTLED = GatewayError("THROTTLED", 429, "Too Many Requests", "TooManyRequestsException")
FAILED = GatewayError("INTEGRATION_FAILURE", 502, "Internal server error", "InternalServerErrorException")
TIMED_OUT = GatewayError("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", "InternalServerErrorException")


def error_response(error: GatewayError, declared: Mapping[str, Any]) -> web.Response:
    """The response to an error, given an API's GatewayResponses by type."""
    default = "DEFAULT_4XX" if error.status in CLIENT_ERRORS else "DEFAULT_5XX"
    shape = declared.get(error.type) or declared.get(default) or {}
    parameters = shape.get("ResponseParameters", {}).get("Headers", {})
    headers = {
        "Content-Type": "application/json",
        "x-amzn-ErrorType": error.exception,
        **{name: str(value).strip("'") for name, value in parameters.items()},
    }
    templates = shape.get("ResponseTemplates", {})
    template = templates.get("application/json", '{"message":$context.error.messageString}')
    status = int(shape.get("StatusCode", error.status))
    return web.Response(status=status, headers=headers, body=_fill(template, error).encode())


def _fill(template: str, error: GatewayError) -> str:
    variables = {
        "$context.error.messageString": json.dumps(error.message),
        "$context.error.message": error.message,
        "$context.error.responseType": error.type,
        "$context.requestId": str(uuid.uuid4()),
    }
    for name, value in variables.items():
        template = template.replace(name, value)
    return template
