"""Who may change a stage on the site: a token, and a lock that shuts when it is guessed at."""

import secrets
import threading
import time
from collections.abc import Callable
from math import ceil
from typing import Final

MOST_FAILURES: Final = 5  # in a row; with the fifth the lock shuts
SHUT_SECONDS: Final = 300.0  # and twice as long with each further failure,
LONGEST_SHUT_SECONDS: Final = 3600.0  # up to this


class LockShut(Exception):
    """Nobody is let in for a while, whatever the token; `seconds` says how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong tokens; the lock opens again in {ceil(seconds)} s")
        self.seconds = seconds


class AdminLock:
    """One lock for the whole site, so that a guesser gains nothing by new sessions. It shuts nobody out who is in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._failures = 0
        self._opens_at = 0.0

    def admits(self, offered: str, token: str) -> bool:
        """Whether what was offered is the token; an empty token admits nobody.

        Raises
        ------
        LockShut
            There were too many failures in a row. What was offered is not looked at then, so that guessing while the
            lock is shut tells nothing.
        """
        if not token:
            return False
        with self._turn:
            if (wait := self._opens_at - self._clock()) > 0:
                raise LockShut(wait)
            # Bytes, since `compare_digest` takes no text beyond ASCII.
            if secrets.compare_digest(offered.encode("utf-8", "surrogatepass"), token.encode("utf-8", "surrogatepass")):
                self._failures = 0
                return True
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._opens_at = self._clock() + _shut_for(self._failures - MOST_FAILURES)
            return False


def _shut_for(further: int) -> float:
    return min(SHUT_SECONDS * 2.0 ** min(further, 10), LONGEST_SHUT_SECONDS)
