"""AWS clients that go wrong on purpose."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


class Killed(BaseException):
    """What the end of a process looks like from inside: nothing may catch it."""


class Countdown:
    """Lets a number of calls pass, then ends the process at every call."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.made: list[str] = []

    def count(self, name: str) -> None:
        if self.left == 0:
            raise Killed(name)
        self.left -= 1
        self.made.append(name)


class CountedClient:
    """A client whose calls a countdown counts."""

    def __init__(self, client: Any, countdown: Countdown) -> None:
        self._client = client
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found) or name == "exceptions":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._countdown.count(name)
            return found(*args, **kwargs)

        return call


class PatchedClient:
    """A client of which one operation is replaced; the replacement gets the real one first."""

    def __init__(self, client: Any, operation: str, replacement: Callable[..., Any]) -> None:
        self._client = client
        self._operation = operation
        self._replacement = replacement

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != self._operation:
            return real
        return lambda *args, **kwargs: self._replacement(real, *args, **kwargs)


def client_error(code: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "arn:aws:secret of the stack"}}, operation)
