"""The curl command that sends a recorded request to the Lambda side."""

import shlex
from collections.abc import Mapping
from typing import Any

from requests import PreparedRequest

from backend_clients.http.endpoint import Endpoint
from backend_clients.migration.mismatches.replay import request_of


def curl_line(endpoint: Endpoint[Any, Any], stored: Mapping[str, Any], api_url: str) -> str:
    """Build a shell command, marked as a shadow call, that takes the key from the domain's variable, else `API_KEY`.

    Raises
    ------
    backend_clients.migration.mismatches.replay.NotReplayable
    backend_clients.errors.BackendError
        The site rejects the request before it is sent.
    """
    return _line(endpoint.prepare(request_of(endpoint, stored), api_url), f"{endpoint.domain.upper()}_API_KEY")


def _line(request: PreparedRequest, key: str) -> str:
    parts = ["curl", "-sS", "-X", shlex.quote(request.method or "GET"), shlex.quote(request.url or "")]
    parts += ["-H", f'"X-Api-Key: ${{{key}:-$API_KEY}}"', "-H", shlex.quote("X-Shadow: 1")]
    if request.body:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        parts += ["-H", shlex.quote("Content-Type: application/json"), "--data-raw", shlex.quote(body)]
    return " ".join(parts)
