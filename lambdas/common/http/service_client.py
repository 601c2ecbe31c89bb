"""HTTP client for another stack's API: pooled connections, short time-outs, one error that names the service."""

from dataclasses import dataclass
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from lambdas.common.http.problems import DependencyDown, Throttled
from lambdas.common.observability import logger

_CONNECT_SECONDS: Final = 0.5
_POOLED: Final = 16
_BACKOFF_SECONDS: Final = 0.05
_JSON_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_OK: Final = 200
_THROTTLED: Final = 429
_SERVER_ERROR: Final = 500


@dataclass(frozen=True)
class CallContext:
    """Request context passed downstream: request id and shadow flag."""

    request_id: str
    shadow: bool = False

    def headers(self) -> dict[str, str]:
        return {"X-Request-Id": self.request_id, **({"X-Shadow": "1"} if self.shadow else {})}


@dataclass(frozen=True)
class ServiceResponse:
    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status == _OK


class ServiceClient:
    """Client of another stack's API. Keeps connections between calls; thread-safe.

    Parameters
    ----------
    name
        Name of the service in error messages.
    read_seconds
        Read time-out. A call is attempted at most twice.
    """

    def __init__(self, name: str, base_url: str, api_key: str, read_seconds: float) -> None:
        self._name = name
        self._prefix = urllib3.util.parse_url(base_url).path or ""
        self._prefix = self._prefix.rstrip("/")
        self._pool = urllib3.connection_from_url(
            base_url,
            maxsize=_POOLED,
            headers={**_JSON_HEADERS, "X-Api-Key": api_key},
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=read_seconds),
            retries=urllib3.Retry(
                total=1,
                redirect=0,
                status=1,
                status_forcelist=(502, 503, 504),
                allowed_methods=None,
                backoff_factor=_BACKOFF_SECONDS,
                respect_retry_after_header=False,
                raise_on_status=False,
                raise_on_redirect=False,
            ),
        )

    def get(self, path: str, caller: CallContext) -> ServiceResponse:
        """The response to a GET; server errors are raised.

        Raises
        ------
        DependencyDown, Throttled
        """
        return self._call("GET", path, None, caller)

    def post(self, path: str, body: bytes, caller: CallContext) -> ServiceResponse:
        """As `get`. The call must be idempotent, since it may be retried."""
        return self._call("POST", path, body, caller)

    def unavailable(self) -> DependencyDown:
        """The error that names this service, for an unusable response."""
        return DependencyDown(f"The {self._name} service is not available; try again in a moment.")

    def _call(self, method: str, path: str, body: bytes | None, caller: CallContext) -> ServiceResponse:
        headers = {**self._pool.headers, **caller.headers()}
        try:
            response = self._pool.urlopen(method, self._prefix + path, body=body, headers=headers)
        except HTTPError as error:
            raise self.unavailable() from error
        if response.status == _THROTTLED:
            raise Throttled
        if response.status >= _SERVER_ERROR:
            logger.warning("a service failed", extra={"service_called": self._name, "status": response.status})
            raise self.unavailable()
        return ServiceResponse(response.status, response.data)
