"""Paying what the repair ledger owes, conversation by conversation, until both sides agree."""

import logging
import threading
from dataclasses import dataclass

from backend_clients.ask.conversations import Conversations
from backend_clients.ask.reconciling import Sides, merge, replace
from backend_clients.errors import BackendError, NotFound
from backend_clients.routed import Origin
from backend_clients.routing.ledger import Ledger, Repair
from contracts.ask import FeedbackRequest, Turn

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Entries settled, conversations still owed with the reason, and how many are being written just now."""

    settled: int
    still_owed: tuple[str, ...]
    at_work: int = 0


def run_repairs(ledger: Ledger, sides: Sides) -> RepairReport:
    """Settle what is owed, but for conversations that somebody is at work on: those wait for the next round."""
    settled, owed = 0, []
    for key in ledger.due_keys("ask"):
        repairs = ledger.claim("ask", key)
        try:
            _repair(key, repairs, sides)
        except BackendError as error:
            owed.append(f"{key}: {type(error).__name__}: {error}")
            for repair in repairs:
                ledger.failed(repair.id, f"{type(error).__name__}: {error}")
            continue
        for repair in repairs:
            ledger.settle(repair.id)
        settled += len(repairs)
    left = {repair.key for repair in ledger.open_repairs("ask")}
    return RepairReport(settled, tuple(owed), len(left) - len(owed))


class RepairDrain:
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


def _repair(key: str, repairs: list[Repair], sides: Sides) -> None:
    """Bring one conversation to agreement.

    The sides are merged: a turn that one alone has may be one that the visitor was told is kept. Only what the visitor
    wished to be forgotten goes. Where one side owes a forgetting, the other one is right; where both owe, as after a
    stage changed amid faults, each has turns that the other lacks.
    """
    owing = {repair.owed_by for repair in repairs}
    if len(owing) == 1 and any(repair.operation == "forget" for repair in repairs):
        target = owing.pop()
        source = Origin.LEGACY if target is Origin.LAMBDA else Origin.LAMBDA
        replace(key, sides[source], sides[target])
    elif repairs:
        _forget(key, repairs, sides)
        merge(key, sides)


def _forget(key: str, repairs: list[Repair], sides: Sides) -> None:
    """Let the side that owes the last forgetting forget, and have back what came after it; both, if nothing did."""
    last = max((place for place, repair in enumerate(repairs) if repair.operation == "forget"), default=None)
    if last is None:
        return
    since = repairs[last + 1 :]
    for origin, side in sides.items():
        if origin is repairs[last].owed_by or not since:
            side.forget(key)
            for repair in since:
                _write_again(repair, side)


def _write_again(repair: Repair, side: Conversations) -> None:
    if repair.operation == "append":
        side.append(Turn.model_validate(repair.request))
    else:
        try:
            side.rate(FeedbackRequest.model_validate(repair.request))
        except NotFound:
            _log.info("a rated turn was forgotten meanwhile")
