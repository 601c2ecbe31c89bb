"""Translates between HTTP and the REST-proxy events of API Gateway (payload format 1.0)."""

import base64
import json
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from multidict import CIMultiDict

from lambdas.local.gateway.headers import for_caller, for_function, is_binary
from lambdas.local.stack.resources import ACCOUNT
from lambdas.local.stack.triggers import Route

_IDENTITY: dict[str, Any] = dict.fromkeys(
    (
        *("accessKey", "accountId", "apiKey", "apiKeyId", "caller", "principalOrgId", "user", "userArn"),
        *("cognitoAuthenticationProvider", "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId"),
    )
)


class MalformedResponse(Exception):
    """A function's output is not a proxy response."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as received: target and headers undecoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    source_ip: str


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    headers: CIMultiDict[str]
    body: bytes


def proxy_event(request: HttpRequest, route: Route, parameters: dict[str, str] | None) -> dict[str, Any]:
    """The event that API Gateway would send to the route's function."""
    names, values = _multi(for_function(request.headers, request.source_ip))
    query, multi_query = _multi(parse_qsl(request.query.replace(";", "&"), keep_blank_values=True))
    binary = is_binary(request.headers.get("Content-Type", ""), route.api.binary_types)
    return {
        "resource": route.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": names,
        "multiValueHeaders": values,
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": multi_query or None,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": _context(request, route),
        "body": _body(request.body, binary=binary),
        "isBase64Encoded": binary and bool(request.body),
    }


def http_response(payload: bytes, accept: str = "", binary_types: Collection[str] = ()) -> HttpResponse:
    """The HTTP response described by a function's JSON.

    A body in base64 is decoded only for a caller whose first `accept`ed type the API treats as binary; any other gets
    the base64 itself.

    Raises
    ------
    MalformedResponse
        Not an object with a status code, or its body is not text.
    """
    try:
        response = json.loads(payload)
        status = int(response["statusCode"])
        headers = for_caller(response.get("headers") or {}, response.get("multiValueHeaders") or {})
        body = response.get("body") or ""
        content = body.encode()
        if response.get("isBase64Encoded"):
            decoded = base64.b64decode(body, validate=True)
            content = decoded if is_binary(accept, binary_types) else content
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise MalformedResponse(str(error)) from None
    if not 200 <= status <= 599:
        raise MalformedResponse(f"status {status}")
    return HttpResponse(status, headers, content)


def _body(body: bytes, *, binary: bool) -> str | None:
    if not body:
        return None
    return base64.b64encode(body).decode() if binary else body.decode("utf-8", errors="replace")


def _multi(pairs: Any) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The last value and all values of each name."""
    last: dict[str, str] = {}
    every: dict[str, list[str]] = {}
    for name, value in pairs:
        last[name] = value
        every.setdefault(name, []).append(value)
    return last, every


def _context(request: HttpRequest, route: Route) -> dict[str, Any]:
    now = time.time()
    request_id = str(uuid.uuid4())
    identity = {"sourceIp": request.source_ip, "userAgent": request.headers.get("User-Agent")}
    return {
        "accountId": ACCOUNT,
        "apiId": route.api.id,
        "domainName": request.headers.get("Host", ""),
        "domainPrefix": route.api.id,
        "extendedRequestId": request_id,
        "httpMethod": request.method,
        "identity": {**_IDENTITY, **identity},
        "path": f"/{route.api.stage}{request.path}",
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": route.path,
        "resourcePath": route.path,
        "stage": route.api.stage,
    }
