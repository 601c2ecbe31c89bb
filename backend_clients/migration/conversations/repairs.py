"""Replays pending writes from the repair ledger, one conversation at a time, until both sides match."""

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
from contracts.conversations import FeedbackRequest, Turn

_log = logging.getLogger(__name__)
_DOMAIN: Final = Domain.ASK.value


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Resolved entries, conversations that still differ with the reason, and conversations with a lease in force."""

    settled: int
    unresolved: tuple[str, ...]
    in_progress: int = 0


def run_repairs(ledger: Ledger, sides: Sides) -> RepairReport:
    """Replay pending writes, except for conversations leased by another process: those wait for the next run."""
    settled, unresolved = 0, []
    for key in ledger.claimable_keys(_DOMAIN):
        repairs = ledger.claim(_DOMAIN, key)
        try:
            _repair(key, repairs, with_lease(sides, Lease(ledger, repairs)))
        except LeaseExpired as error:
            unresolved.append(f"{key}: {error}")  # another process may hold the lease now
            continue
        except (BackendError, ValidationError) as error:  # a contract may have changed since the entry was added
            why = _error_text(error)
            unresolved.append(f"{key}: {why}")
            for repair in repairs:
                ledger.failed(repair.id, why)
            continue
        for repair in repairs:
            ledger.resolve(repair.id)
        settled += len(repairs)
    left = {repair.key for repair in ledger.open_repairs(_DOMAIN)}
    return RepairReport(settled, tuple(unresolved), max(0, len(left) - len(unresolved)))


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
            except Exception:  # noqa: BLE001  the worker survives any error of one run
                _log.exception("repairs failed; they will be tried again")


def _repair(key: str, repairs: list[PendingWrite], sides: Sides) -> None:
    """Make both sides of one conversation equal.

    Merges the sides, since a turn on one side only may have been confirmed to the visitor; only deletions remove turns.
    If writes are missing on one side and include a deletion, that side is overwritten. If they are missing on both, as
    after a stage change amid faults, the deletion is replayed and the rest is merged.
    """
    lagging = {repair.missing_on for repair in repairs}
    if len(lagging) == 1 and any(repair.operation == "forget" for repair in repairs):
        target = lagging.pop()
        source = Origin.LEGACY if target is Origin.LAMBDA else Origin.LAMBDA
        overwrite(key, sides[source], sides[target])
    elif repairs:
        _forget(key, repairs, sides)
        merge(key, sides)


def _forget(key: str, repairs: list[PendingWrite], sides: Sides) -> None:
    """Replay the last deletion on the side that misses it, then the later writes; on both sides if there are none."""
    last = max((place for place, repair in enumerate(repairs) if repair.operation == "forget"), default=None)
    if last is None:
        return
    since = [_written(repair) for repair in repairs[last + 1 :]]  # validate all of them before deleting anything
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
            _log.info("a rated turn was deleted meanwhile")


def _error_text(error: BackendError | ValidationError) -> str:
    """Format an error without the visitor's input, which pydantic would repeat."""
    named = invalid_request(error) if isinstance(error, ValidationError) else error
    return f"{type(named).__name__}: {named}"
