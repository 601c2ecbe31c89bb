"""Copies missing turns between both sides, and verifies that they hold the same conversations."""

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
    """A session that differs between the sides, with their numbers of turns.

    `conflicts` counts turns with the same id and different content; resolve them with `--keep`.
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

    Merges turns in both directions: conversations from before the migration go to Lambda, and conversations of stage
    `lambda` go to legacy before a rollback.
    """

    def __init__(self, listings: Mapping[Origin, Listing], sides: Sides, log: BackfillLog) -> None:
        self._listings = listings
        self._sides = sides
        self._log = log

    def run(self, on_session: OnSession, pause: float = 0.0, keep: Origin | None = None) -> int:
        """Copy missing turns to each side; returns the number of turns written.

        An interrupted run resumes after its last completed session; a completed run starts from the beginning.

        Parameters
        ----------
        on_session
            Called after each session with the number of turns written for it.
        pause
            Seconds to wait after each session, to limit the load on the tables.
        keep
            The side whose turns win conflicts; without it, conflicting turns stay as they are and differ.
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
        """Compare every session's checksum on both sides, log the result, and return the sessions that differ."""
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
            return 0  # the verification reports it

    def _sessions(self, after: str) -> Iterator[str]:
        found = in_order(*(listing(after) for listing in self._listings.values()))
        return (session_id for session_id, _ in groupby(found))


def stored_sessions(store: ConversationStore) -> Listing:
    """List legacy's session ids, read in batches so that memory stays bounded."""

    def after(session_id: str) -> Iterator[str]:
        while batch := store.sessions(after=session_id):
            yield from batch
            session_id = batch[-1]

    return after
