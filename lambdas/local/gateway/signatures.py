"""Checks AWS Signature Version 4, as API Gateway does for APIs with IAM authorization."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, cast
from urllib.parse import parse_qsl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from lambdas.local.gateway.proxy_events import HttpRequest

_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/execute-api/aws4_request,"
    r" *SignedHeaders=(?P<signed>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW: Final = timedelta(minutes=5)
_DATE: Final = "%Y%m%dT%H%M%SZ"


def is_signed(request: HttpRequest, credentials: Mapping[str, str], now: datetime | None = None) -> bool:
    """Whether a request has a valid signature of these credentials, not older than five minutes.

    Parameters
    ----------
    credentials
        `aws_access_key_id` and `aws_secret_access_key`.
    """
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    date = request.headers.get("X-Amz-Date", "")
    if found is None or found["key"] != credentials["aws_access_key_id"] or not _is_recent(date, now):
        return False
    signed = found["signed"].split(";")
    if "host" not in signed:
        return False
    expected = AWSRequest(
        request.method,
        f"http://localhost{request.path}",
        {name: request.headers.get(name, "") for name in signed},
        request.body,
        params=cast("Mapping[str, str]", parse_qsl(request.query, keep_blank_values=True)),  # pairs will do
    )
    expected.context["timestamp"] = date
    secret = ReadOnlyCredentials(found["key"], credentials["aws_secret_access_key"], None)
    signer = SigV4Auth(secret, "execute-api", found["region"])
    signature = signer.signature(signer.string_to_sign(expected, signer.canonical_request(expected)), expected)
    return hmac.compare_digest(signature, found["signature"])


def _is_recent(date: str, now: datetime | None) -> bool:
    try:
        sent = datetime.strptime(date, _DATE).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs((now or datetime.now(UTC)) - sent) <= _SKEW
