"""The HTTP session to a domain's API, with its key and time-outs."""

from typing import TYPE_CHECKING

from backend_clients.domains import DomainSpec
from backend_clients.http.session import ApiSession
from backend_clients.settings import Settings

if TYPE_CHECKING:
    from requests.auth import AuthBase


def api_session(settings: Settings, domain: DomainSpec) -> ApiSession:
    """A session to one domain's API with its key and time-outs."""
    return ApiSession(
        domain.api_url(settings),
        domain.api_key(settings),
        connect_timeout=settings.connect_timeout,
        read_timeout=domain.read_timeout(settings),
        auth=_auth(settings),
    )


def _auth(settings: Settings) -> "AuthBase | None":
    if settings.api_auth != "iam":
        return None
    from backend_clients.http.signing import SignedRequests  # noqa: PLC0415 - only who signs loads botocore

    return SignedRequests()
