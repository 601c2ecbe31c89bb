"""The lease of a conversation under repair, renewed before each call of a side."""

import time
from collections.abc import Callable, Sequence

from backend_clients.ask.conversations import Conversation, Conversations
from backend_clients.ask.reconciliation import Sides
from backend_clients.errors import Unavailable
from backend_clients.routing.repair_ledger import Ledger, PendingWrite
from contracts.conversations import FeedbackRequest, Turn


class LeaseExpired(Unavailable):
    """The lease expired during a call; another process may have claimed the conversation."""


class Lease:
    """The lease on claimed ledger entries; long conversations take longer to repair than one lease."""

    def __init__(self, ledger: Ledger, repairs: Sequence[PendingWrite]) -> None:
        self._ledger = ledger
        self._repairs = repairs
        self._ends = time.monotonic() + ledger.lease

    def renew_if_needed(self) -> None:
        """Renew a lease that ends soon; run before each call of a side, which takes half a lease at most.

        Raises
        ------
        LeaseExpired
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise LeaseExpired("the repair took too long and is left to the next one")
        if left < 0.75 * self._ledger.lease:
            self._ledger.renew(self._repairs)
            self._ends = time.monotonic() + self._ledger.lease


def with_lease(sides: Sides, lease: Lease) -> Sides:
    return {origin: _Leased(side, lease.renew_if_needed) for origin, side in sides.items()}


class _Leased:
    """One side's conversations."""

    def __init__(self, side: Conversations, renew_if_needed: Callable[[], None]) -> None:
        self._side = side
        self._keep_up = renew_if_needed

    def read(self, session_id: str) -> Conversation:
        self._keep_up()
        return self._side.read(session_id)

    def append(self, turn: Turn) -> None:
        self._keep_up()
        self._side.append(turn)

    def forget(self, session_id: str) -> None:
        self._keep_up()
        self._side.forget(session_id)

    def rate(self, feedback: FeedbackRequest) -> None:
        self._keep_up()
        self._side.rate(feedback)
