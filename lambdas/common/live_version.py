"""Hot reload of the served version: polls its pointer and keeps the last good version on errors."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from lambdas.common.http.problems import DependencyDown
from lambdas.common.observability import logger

REFRESH_SECONDS = 2.0
MAX_REFRESH_SECONDS = 30.0

Pointer = TypeVar("Pointer")
Version = TypeVar("Version")


class LiveVersion(Generic[Pointer, Version]):
    """Serves the version that the pointer names; reads the pointer again after `REFRESH_SECONDS`.

    If the pointer or the version cannot be read, the last good version stays, and the wait doubles with each failed
    attempt so that an outage does not slow every answer.
    """

    def __init__(
        self,
        read_pointer: Callable[[], Pointer],
        load: Callable[[Pointer], Version],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read_pointer = read_pointer
        self._load = load
        self._clock = clock
        self._loaded: tuple[Pointer, Version] | None = None
        self._checked = 0.0
        self._wait = REFRESH_SECONDS

    def get(self) -> Version:
        """The version to answer from.

        Raises
        ------
        DependencyDown
            No version is loaded yet and loading failed.
        """
        now = self._clock()
        if self._loaded is not None and now - self._checked < self._wait:
            return self._loaded[1]
        self._checked = now
        return self.refresh()

    def refresh(self) -> Version:
        """Read the pointer now."""
        try:
            pointer = self._read_pointer()
            if self._loaded is None or self._loaded[0] != pointer:
                self._loaded = (pointer, self._load(pointer))
            self._wait = REFRESH_SECONDS
        except Exception as error:
            if self._loaded is None:
                raise DependencyDown from error
            self._wait = min(self._wait * 2, MAX_REFRESH_SECONDS)
            logger.error("keeping the loaded version", extra={"next_try_seconds": self._wait}, exc_info=error)
        return self._loaded[1]
