"""Checks the admin token of the site, with a lockout after repeated wrong tokens."""

import secrets
import threading
import time
from collections.abc import Callable
from math import ceil
from typing import Final

MOST_FAILURES: Final = 5  # in a row; the fifth starts a lockout
SHUT_SECONDS: Final = 300.0  # of the first lockout, doubled by each further failure
LONGEST_SHUT_SECONDS: Final = 3600.0  # upper limit of a lockout


class LockShut(Exception):
    """Rejects every token during a lockout; `seconds` is the time left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong tokens; the lock opens again in {ceil(seconds)} s")
        self.seconds = seconds


class AdminLock:
    """One lock for the whole site, so that new sessions give no new attempts. A lockout ends no signed-in session."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._failures = 0
        self._opens_at = 0.0

    def admits(self, offered: str, token: str) -> bool:
        """Whether `offered` equals the token; False for an empty token.

        Raises
        ------
        LockShut
            There were too many failures in a row. `offered` is not compared during a lockout, so that guesses learn
            nothing.
        """
        if not token:
            return False
        with self._turn:
            if (wait := self._opens_at - self._clock()) > 0:
                raise LockShut(wait)
            # `compare_digest` accepts only ASCII text, hence bytes.
            if secrets.compare_digest(offered.encode("utf-8", "surrogatepass"), token.encode("utf-8", "surrogatepass")):
                self._failures = 0
                return True
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._opens_at = self._clock() + _shut_for(self._failures - MOST_FAILURES)
            return False


def _shut_for(further: int) -> float:
    return min(SHUT_SECONDS * 2.0 ** min(further, 10), LONGEST_SHUT_SECONDS)
