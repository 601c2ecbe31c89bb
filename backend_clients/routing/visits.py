"""Who is waiting for an answer now, so that work nobody waits for lets them by."""

import threading


class Visits:
    """Entered for as long as somebody waits."""

    def __init__(self) -> None:
        self._waiting = 0
        self._change = threading.Condition()

    def __enter__(self) -> None:
        with self._change:
            self._waiting += 1

    def __exit__(self, *_: object) -> None:
        with self._change:
            self._waiting -= 1
            if not self._waiting:
                self._change.notify_all()

    def let_by(self, patience: float) -> None:
        """Wait until nobody waits, for `patience` seconds at most."""
        with self._change:
            self._change.wait_for(lambda: not self._waiting, patience)
