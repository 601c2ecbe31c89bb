"""Bringing both sides to the same conversations, and proving that they hold the same."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge as in_order
from itertools import groupby
from typing import Final

from backend_clients.ask.conversations import Conversation
from backend_clients.ask.in_process.conversation_store import ConversationStore
from backend_clients.ask.reconciliation import Sides, conflicts, merge
from backend_clients.domains import Domain
from backend_clients.errors import Conflict
from backend_clients.migration.backfill_log import BackfillLog
from backend_clients.routed import Origin

_DOMAIN: Final = Domain.ASK.value

OnSession = Callable[[int], None]
Listing = Callable[[str], Iterable[str]]  # a side's session ids after a given one, in order


@dataclass(frozen=True, slots=True)
class Difference:
    """A session that the sides hold differently, with their numbers of turns.

    `conflicts` counts the turns that both have with different content, which need somebody to say whose are to stay.
    """

    session_id: str
    legacy_turns: int
    lambda_turns: int
    conflicts: int = 0

    @classmethod
    def between(cls, session_id: str, legacy: Conversation, remote: Conversation) -> "Difference":
        return cls(session_id, len(legacy.turns), len(remote.turns), len(conflicts(legacy, remote)))


class Backfill:
    """Walks the sessions of both sides, in order.

    Turns are merged, so that it serves both directions: conversations from before the move reach Lambda, and those that
    Lambda alone was given reach legacy before legacy answers again.
    """

    def __init__(self, listings: Mapping[Origin, Listing], sides: Sides, log: BackfillLog) -> None:
        self._listings = listings
        self._sides = sides
        self._log = log

    def run(self, on_session: OnSession, pause: float = 0.0, keep: Origin | None = None) -> int:
        """Give each side what the other has; returns how many turns were written.

        A run that was stopped goes on after the last session it finished; a finished one starts over the next time.

        Parameters
        ----------
        on_session
            Called after each session with the turns written for it.
        pause
            Seconds to wait after each session, to spare the tables.
        keep
            The side whose turn stays where both have one of the same id with other content; else both stay, and differ.
        """
        written = 0
        for session_id in self._sessions(self._log.done_through(_DOMAIN)):
            copied = self._merge(session_id, keep)
            self._log.note(_DOMAIN, session_id)
            written += copied
            on_session(copied)
            if pause:
                time.sleep(pause)
        self._log.note(_DOMAIN, "")
        return written

    def verify(self, on_session: OnSession) -> list[Difference]:
        """Compare every session's checksum on both sides, keep the finding, and return the sessions that differ."""
        different: list[Difference] = []
        count = 0
        for session_id in self._sessions(""):
            legacy, remote = (self._sides[origin].read(session_id) for origin in (Origin.LEGACY, Origin.LAMBDA))
            if legacy.checksum != remote.checksum:
                different.append(Difference.between(session_id, legacy, remote))
            count += 1
            on_session(0)
        self._log.add_verification(_DOMAIN, count, len(different))
        return different

    def _merge(self, session_id: str, keep: Origin | None) -> int:
        try:
            return merge(session_id, self._sides, keep)
        except Conflict:
            return 0  # verification tells

    def _sessions(self, after: str) -> Iterator[str]:
        found = in_order(*(listing(after) for listing in self._listings.values()))
        return (session_id for session_id, _ in groupby(found))


def stored_sessions(store: ConversationStore) -> Listing:
    """Legacy's sessions, read in batches, so that any number of them can be walked."""

    def after(session_id: str) -> Iterator[str]:
        while batch := store.sessions(after=session_id):
            yield from batch
            session_id = batch[-1]

    return after
