"""Checks the admin token of the site, with lockouts after repeated wrong tokens."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil
from typing import Final

MOST_FAILURES: Final = 5  # of one browser in a row; the fifth starts a lockout
SHUT_SECONDS: Final = 300.0  # of the first lockout, doubled by each further failure
LONGEST_SHUT_SECONDS: Final = 3600.0  # upper limit of a lockout
MOST_FAILURES_OF_ALL: Final = 50  # without a sign-in or a quiet hour; from then on each browser has one attempt
_MOST_BROWSERS: Final = 10_000  # remembered; the browser that failed longest ago is forgotten first


class LockShut(Exception):
    """Rejects every token of a browser during its lockout; `seconds` is the time left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong tokens; the lock opens again in {ceil(seconds)} s")
        self.seconds = seconds


@dataclass(slots=True)
class _Attempts:
    failures: int = 0
    opens_at: float = 0.0


class AdminLock:
    """Locks out the browser that guesses, and no other: nobody can lock the maintainer out by guessing.

    A browser that discards its cookie is a new one, so that a script has an attempt for each cookie it makes up: only
    the length of the token, which the settings require, stands against that. Guesses of many browsers are counted
    together, and above a limit each has a single attempt. The right token is admitted from any browser that is not
    locked out. A lockout ends no signed-in session.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._attempts: OrderedDict[Hashable, _Attempts] = OrderedDict()
        self._failures = 0
        self._failed_at = 0.0

    def admits(self, offered: str, token: str, browser: Hashable) -> bool:
        """Whether `offered` equals the token; False for an empty token.

        Parameters
        ----------
        browser
            What tells one browser from another, such as its cookie and address.

        Raises
        ------
        LockShut
            The browser failed too often in a row. `offered` is not compared during a lockout, so that guesses learn
            nothing.
        """
        if not token:
            return False
        with self._turn:
            attempts = self._attempts.get(browser, _Attempts())
            if (wait := attempts.opens_at - self._clock()) > 0:
                raise LockShut(wait)
            # `compare_digest` accepts only ASCII text, hence bytes.
            if secrets.compare_digest(offered.encode("utf-8", "surrogatepass"), token.encode("utf-8", "surrogatepass")):
                self._attempts.pop(browser, None)
                self._failures = 0
                return True
            now = self._clock()
            self._failures = 1 if now - self._failed_at > LONGEST_SHUT_SECONDS else self._failures + 1
            self._failed_at = now
            attempts.failures += 1
            most = MOST_FAILURES if self._failures < MOST_FAILURES_OF_ALL else 1
            if attempts.failures >= most:
                attempts.opens_at = self._clock() + _shut_for(attempts.failures - most)
            self._remember(browser, attempts)
            return False

    def _remember(self, browser: Hashable, attempts: _Attempts) -> None:
        self._attempts[browser] = attempts
        self._attempts.move_to_end(browser)
        if len(self._attempts) > _MOST_BROWSERS:
            self._attempts.popitem(last=False)


def _shut_for(further: int) -> float:
    return min(SHUT_SECONDS * 2.0 ** min(further, 10), LONGEST_SHUT_SECONDS)
