"""The curl command that sends a recorded request to the Lambda side."""

import shlex
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest

from backend_clients.http.endpoint import Endpoint
from backend_clients.migration.mismatches.replay import request_of
from backend_clients.records.reader import StoredComparison
from backend_clients.records.rows import ADDRESS

LOCAL_STACK: Final = "http://127.0.0.1:3000"


def curl_line(endpoint: Endpoint[Any, Any], stored: Mapping[str, Any], api_url: str) -> str:
    """Build a shell command, marked as a shadow call, that takes the key from the domain's variable, else `API_KEY`.

    Raises
    ------
    backend_clients.migration.mismatches.replay.NotReplayable
    backend_clients.errors.BackendError
        The site rejects the request before it is sent.
    """
    return _line(endpoint.prepare(request_of(endpoint, stored), api_url), f"{endpoint.domain.upper()}_API_KEY")


def asked_address(stored: StoredComparison, configured: str) -> str:
    """Where a comparison's Lambda side was asked; of an older record, the configured address or the local stack's."""
    return stored.versions.get(ADDRESS) or configured or LOCAL_STACK


def key_hint(domain: str, address: str) -> str:
    """A shell comment that says how to get the key of a domain's API at an address."""
    name = f"{domain.upper()}_API_KEY"
    if urlsplit(address).hostname in {"127.0.0.1", "localhost", "::1"}:
        return f"# the key: {name}, or API_KEY, as the local stack has it; else export {name}=local-key-of-{domain}-api"
    return (
        f"# the key: export {name}=$(aws apigateway get-api-key --include-value --query value --output text"
        f" --api-key $(aws cloudformation describe-stacks --stack-name mattgpt-{domain} --output text"
        " --query \"Stacks[0].Outputs[?OutputKey=='ApiKeyId'].OutputValue\"))"
    )


def _line(request: PreparedRequest, key: str) -> str:
    parts = ["curl", "-sS", "-X", shlex.quote(request.method or "GET"), shlex.quote(request.url or "")]
    parts += ["-H", f'"X-Api-Key: ${{{key}:-$API_KEY}}"', "-H", shlex.quote("X-Shadow: 1")]
    if request.body:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        parts += ["-H", shlex.quote("Content-Type: application/json"), "--data-raw", shlex.quote(body)]
    return " ".join(parts)
