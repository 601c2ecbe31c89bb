"""Paying what the repair ledger owes, conversation by conversation, until both sides agree."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend_clients.ask.conversations import Conversations, reconcile
from backend_clients.errors import BackendError, NotFound
from backend_clients.routed import Origin
from backend_clients.routing.ledger import Ledger, Repair
from contracts.ask import FeedbackRequest, Turn

_log = logging.getLogger(__name__)
_SETTLING_SECONDS: Final = 2.0

Sides = Mapping[Origin, Conversations]


@dataclass(frozen=True, slots=True)
class RepairReport:
    """Entries settled, and those still owed with the reason."""

    settled: int
    still_owed: tuple[str, ...]


def run_repairs(ledger: Ledger, sides: Sides, older_than: float = _SETTLING_SECONDS) -> RepairReport:
    """Settle what has been owed for `older_than` seconds.

    A younger entry is still being written the ordinary way: its whole conversation waits for the next round, because
    either side may have turns that the other will get in a moment.
    """
    settled, owed = 0, []
    for key in dict.fromkeys(repair.key for repair in ledger.open_repairs("ask", older_than=older_than)):
        repairs = ledger.under("ask", key)
        if any(repair.at > time.time() - older_than for repair in repairs):
            continue
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
    return RepairReport(settled, tuple(owed))


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

    The side that does not owe is right. When both owe, as after a stage changed amid faults, each has turns that the
    other lacks: they are merged, but for what the visitor wished to be forgotten.
    """
    owing = {repair.owed_by for repair in repairs}
    if len(owing) == 1:
        target = owing.pop()
        source = Origin.LEGACY if target is Origin.LAMBDA else Origin.LAMBDA
        reconcile(key, sides[source], sides[target])
    else:
        _merge(key, _forget(key, repairs, sides), sides)
    for repair in repairs:
        if repair.operation == "rate":
            _rate(sides[repair.owed_by], FeedbackRequest.model_validate(repair.request))


def _forget(key: str, repairs: list[Repair], sides: Sides) -> list[Turn]:
    """Let the side that owes the last forgetting forget, both if nothing came after it; the turns written since."""
    last = max((place for place, repair in enumerate(repairs) if repair.operation == "forget"), default=None)
    if last is None:
        return []
    since = repairs[last + 1 :]
    for origin, side in sides.items():
        if origin is repairs[last].owed_by or not since:
            side.forget(key)
    return [Turn.model_validate(repair.request) for repair in since if repair.operation == "append"]


def _merge(key: str, written: list[Turn], sides: Sides) -> None:
    """Give each side every turn of the other, and those that were written to either of them."""
    turns: dict[str, Turn] = {turn.turn_id: turn for turn in written}
    turns |= {turn.turn_id: turn for side in sides.values() for turn in side.turns(key)}
    for side in sides.values():
        there = {turn.turn_id for turn in side.turns(key)}
        for turn in turns.values():
            if turn.turn_id not in there:
                side.append(turn)


def _rate(side: Conversations, feedback: FeedbackRequest) -> None:
    try:
        side.rate(feedback)
    except NotFound:
        _log.info("a rated turn was forgotten meanwhile")
