"""Keys of providers: as given, or held by Secrets Manager and read by the secret's ARN."""

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from lambdas.common.aws.clients import secrets_client
from lambdas.common.http.problems import DependencyDown
from lambdas.common.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.parameters import SecretsProvider

KeySource = Callable[[], str]
MAX_AGE_SECONDS: Final = 300  # a rotated key is in use five minutes later, without a deployment
RETRY_SECONDS: Final = 30.0


def key_source(key: str) -> KeySource:
    """Where a key comes from: `key` itself, or if it is an ARN, the secret of that ARN."""
    return _Secret(key).value if key.startswith("arn:") else lambda: key


class _Secret:
    """A secret; where it cannot be read again, the value that was read last stays."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self._last = ""
        self._retry_at = 0.0

    def value(self) -> str:
        """The secret's value.

        Raises
        ------
        DependencyDown
            It could not be read yet.
        """
        from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError  # noqa: PLC0415 - slow to load

        if time.monotonic() < self._retry_at:
            return self._last
        try:
            self._last = str(_provider().get(self._arn, max_age=MAX_AGE_SECONDS))
        except GetParameterError as error:
            if not self._last:
                raise DependencyDown("A key cannot be read; try again in a moment.") from error
            self._retry_at = time.monotonic() + RETRY_SECONDS
            logger.error("a secret cannot be read; the last value stays", exc_info=error)
        return self._last


@cache
def _provider() -> "SecretsProvider":
    from aws_lambda_powertools.utilities.parameters import SecretsProvider  # noqa: PLC0415

    return SecretsProvider(boto3_client=secrets_client())
