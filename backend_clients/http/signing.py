"""Signs requests with AWS Signature Version 4, for APIs with IAM authorization."""

import re
from typing import Final

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from requests import PreparedRequest
from requests.auth import AuthBase

from backend_clients.errors import Unavailable

_SERVICE: Final = "execute-api"
_REGION: Final = re.compile(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.")
_SIGNED: Final = ("Content-Type",)  # and host and date


class SignedRequests(AuthBase):
    """Signs with the credentials that boto3 would use; they are looked up at the first request and renewed in time.

    The region is that of the API's host, else the environment's.
    """

    def __init__(self) -> None:
        self._session = botocore.session.get_session()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Raises `Unavailable` without credentials or region."""
        credentials = self._session.get_credentials()
        url = (request.url or "").replace("+", "%20")  # AWS signs a space as %20
        found = _REGION.search(url)
        region = found[1] if found else self._session.get_config_variable("region")
        if credentials is None or not region:
            raise Unavailable("there are no AWS credentials, or no region, to sign requests with")
        headers = {name: request.headers[name] for name in _SIGNED if name in request.headers}
        signed = AWSRequest(request.method, url, headers, request.body)
        SigV4Auth(credentials.get_frozen_credentials(), _SERVICE, region).add_auth(signed)
        request.url = url
        request.headers.update(dict(signed.headers.items()))
        return request
