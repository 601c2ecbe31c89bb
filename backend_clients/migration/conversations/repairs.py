"""Replays pending writes from the repair ledger, conversation by conversation, until both sides agree."""

import logging
import threading
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from backend_clients.ask.conversations import Conversations
from backend_clients.ask.reconciliation import Sides, merge, overwrite
from backend_clients.domains import Domain
from backend_clients.errors import BackendError, NotFound, invalid_request
from backend_clients.migration.conversations.lease import Lease, LeaseExpired, with_lease
from backend_clients.routed import Origin
from backend_clients.routing.repair_ledger import Ledger, PendingWrite
from contracts.ask import FeedbackRequest, Turn

_log = logging.getLogger(__name__)
_DOMAIN: Final = Domain.ASK.value


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Entries settled, conversations still owed with the reason, and how many are being written just now."""

    settled: int
    unresolved: tuple[str, ...]
    in_progress: int = 0


def run_repairs(ledger: Ledger, sides: Sides) -> RepairReport:
    """Settle what is owed, but for conversations that somebody is at work on: those wait for the next round."""
    settled, owed = 0, []
    for key in ledger.claimable_keys(_DOMAIN):
        repairs = ledger.claim(_DOMAIN, key)
        try:
            _repair(key, repairs, with_lease(sides, Lease(ledger, repairs)))
        except LeaseExpired as error:
            owed.append(f"{key}: {error}")  # whose the entries are now is not known
            continue
        except (BackendError, ValidationError) as error:  # a contract may have changed since the entry was made
            why = _told(error)
            owed.append(f"{key}: {why}")
            for repair in repairs:
                ledger.failed(repair.id, why)
            continue
        for repair in repairs:
            ledger.resolve(repair.id)
        settled += len(repairs)
    left = {repair.key for repair in ledger.open_repairs(_DOMAIN)}
    return RepairReport(settled, tuple(owed), len(left) - len(owed))


class RepairWorker:
    """Runs repairs every few seconds on a thread of its own, while the site runs."""

    def __init__(self, ledger: Ledger, sides: Sides, every: float) -> None:
        self._ledger = ledger
        self._sides = sides
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="repair-drain", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=self._every + 1.0)

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                run_repairs(self._ledger, self._sides)
            except Exception:  # noqa: BLE001  the drain outlives whatever one round meets
                _log.exception("repairs could not run; they will be tried again")


def _repair(key: str, repairs: list[PendingWrite], sides: Sides) -> None:
    """Bring one conversation to agreement.

    The sides are merged: a turn that one alone has may be one that the visitor was told is kept. Only what the visitor
    wished to be forgotten goes. Where one side owes a forgetting, the other one is right; where both owe, as after a
    stage changed amid faults, each has turns that the other lacks.
    """
    owing = {repair.missing_on for repair in repairs}
    if len(owing) == 1 and any(repair.operation == "forget" for repair in repairs):
        target = owing.pop()
        source = Origin.LEGACY if target is Origin.LAMBDA else Origin.LAMBDA
        overwrite(key, sides[source], sides[target])
    elif repairs:
        _forget(key, repairs, sides)
        merge(key, sides)


def _forget(key: str, repairs: list[PendingWrite], sides: Sides) -> None:
    """Let the side that owes the last forgetting forget, and have back what came after it; both, if nothing did."""
    last = max((place for place, repair in enumerate(repairs) if repair.operation == "forget"), default=None)
    if last is None:
        return
    since = [_written(repair) for repair in repairs[last + 1 :]]  # all of them understood before anything goes
    for origin, side in sides.items():
        if origin is repairs[last].missing_on or not since:
            side.forget(key)
            for written in since:
                _write_again(written, side)


def _written(repair: PendingWrite) -> Turn | FeedbackRequest:
    return (Turn if repair.operation == "append" else FeedbackRequest).model_validate(repair.request)


def _write_again(written: Turn | FeedbackRequest, side: Conversations) -> None:
    if isinstance(written, Turn):
        side.append(written)
    else:
        try:
            side.rate(written)
        except NotFound:
            _log.info("a rated turn was forgotten meanwhile")


def _told(error: BackendError | ValidationError) -> str:
    """Without the visitor's words, which pydantic repeats."""
    named = invalid_request(error) if isinstance(error, ValidationError) else error
    return f"{type(named).__name__}: {named}"
