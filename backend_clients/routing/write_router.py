"""Writes the authoritative side first; the other side is replicated through the repair ledger."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from backend_clients.errors import Unavailable
from backend_clients.flags.client import NO_LEGACY
from backend_clients.http.session import ApiResponse
from backend_clients.routed import HANDED_OFF, Origin, Routed
from backend_clients.routing.breaker import CircuitOpen
from backend_clients.routing.observation import Observation, fault_text, ms_since, observe
from backend_clients.routing.router_parts import RouterParts
from backend_clients.stages import WRITES, Stage

_log = logging.getLogger(__name__)

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)
Q_contra = TypeVar("Q_contra", bound=BaseModel, contravariant=True)


class LambdaWrite(Protocol[Q_contra, A]):
    def __call__(self, request: Q_contra, /) -> ApiResponse[A]: ...


@dataclass(frozen=True, slots=True)
class WriteOperation(Generic[Q, A]):
    """One write operation of a domain. Its request is idempotent; writes are ordered by `key`.

    Deletions are `always_both_sides`: they go to both sides in every stage; otherwise an old copy could restore deleted
    data.
    """

    domain: str
    name: str
    legacy: Callable[[Q], A] | None
    remote: LambdaWrite[Q, A]
    key: Callable[[Q], str]
    always_both_sides: bool = False


class WriteRouter:
    """Routes writes by stage.

    The authoritative side is written in the call; if it fails, the write fails and the other side is not called. The
    other side is written in the background. The ledger holds the write from before the first side is written until both
    sides have it, so that a fault or kill at any point leaves a pending repair and no silent difference.

    Where Lambda is authoritative and legacy is written too, legacy takes what Lambda cannot (a hand-off). The write is
    then pending on Lambda, and legacy takes and answers everything under its key until the repair. A rejected request
    (4xx) is an answer and is never handed off.
    """

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts

    def write(self, operation: WriteOperation[Q, A], request: Q, visitor: str) -> Routed[A]:
        """Write to the authoritative side; raises `BackendError` if that fails and no side could stand in."""
        started = time.perf_counter()
        decision = self._parts.flags.stage(operation.domain, visitor) if operation.legacy else NO_LEGACY
        authoritative, others = self._sides(operation, request, decision.stage)
        entry = self._record_pending(operation, request, others[0]) if others else None
        answer = self._observe(operation, request, authoritative)
        served, origin, reason = answer, authoritative, decision.reason
        if entry is not None and answer.failed and _hands_off(decision.stage, authoritative):
            stand_in = self._hand_off(operation, request, answer, entry)
            if stand_in.error is None:
                served, origin, reason = stand_in, Origin.LEGACY, f"{HANDED_OFF}: {fault_text(answer.error)}"
        routed = Routed(
            served.value, origin, decision.stage, reason, ms_since(started), served is not answer, served.cold_start
        )
        self._parts.record_call(operation.domain, operation.name, routed, failed=served.failed)
        if served.error is not None:
            # A failure may hide a completed write (a time-out, a lost answer), so that its entry stays pending. A
            # rejected request or an open circuit proves that nothing was written.
            if entry is not None and _wrote_nothing(served):
                self._resolve(entry)
            raise served.error
        if entry is not None and served is answer:
            self._follow(operation, request, others[0], entry)
        return routed  # type: ignore[return-value]  # without an error there is a value

    def _hand_off(
        self, operation: WriteOperation[Q, A], request: Q, failure: Observation[A], entry: int
    ) -> Observation[A]:
        """Write legacy in Lambda's place, pending on Lambda; `entry` says that legacy may lack what Lambda has.

        Both entries are held while legacy is written, so that a kill leaves a repair that takes neither side for right.
        """
        try:
            owed = self._record_pending(operation, request, Origin.LAMBDA)
        except Unavailable as error:
            return Observation(0.0, error=error)
        stand_in = self._observe(operation, request, Origin.LEGACY)
        if stand_in.error is None:
            self._resolve(entry)
            if _wrote_nothing(failure):  # else Lambda may still be writing: the repair waits for the lease
                self._release(owed)
        elif _wrote_nothing(stand_in) and _wrote_nothing(failure):
            self._resolve(owed)
        return stand_in

    def _sides(self, operation: WriteOperation[Q, A], request: Q, stage: Stage) -> tuple[Origin, tuple[Origin, ...]]:
        """The authoritative side, and the sides to write after it.

        In the stages that hand off, legacy is authoritative under a key whose writes are pending on Lambda. Includes
        the other side in single-side stages while the first has earlier writes pending: the repair then merges both
        sides instead of copying one over the other.
        """
        if operation.legacy is None:
            return Origin.LAMBDA, ()
        first, *others = WRITES[stage]
        lagging = self._lagging_sides(operation, request)
        if _hands_off(stage, first) and Origin.LAMBDA in lagging:
            return Origin.LEGACY, (Origin.LAMBDA,)
        if not others and (operation.always_both_sides or first in lagging):
            others = [origin for origin in Origin if origin is not first]
        return first, tuple(others)

    def _lagging_sides(self, operation: WriteOperation[Q, A], request: Q) -> frozenset[Origin]:
        return self._parts.lagging_sides(operation.domain, operation.key(request))

    def _record_pending(self, operation: WriteOperation[Q, A], request: Q, side: Origin) -> int:
        body = request.model_dump(mode="json")
        return self._parts.ledger.add(operation.domain, operation.name, operation.key(request), side, body)

    def _resolve(self, entry: int) -> None:
        try:
            self._parts.ledger.resolve(entry)
        except Unavailable:
            _log.exception("a completed write stays in the repair ledger; its repair will find nothing to do")

    def _release(self, entry: int) -> None:
        try:
            self._parts.ledger.release(entry)
        except Unavailable:
            _log.exception("a pending write keeps its lease; it is repaired when the lease has expired")

    def _follow(self, operation: WriteOperation[Q, A], request: Q, side: Origin, entry: int) -> None:
        """Write the other side in the background; failed replications stay in the ledger."""

        def run() -> None:
            if not self._parts.ledger.may_replicate_now(operation.domain, operation.key(request), entry):
                return
            answer = self._observe(operation, request, side)
            if answer.error is None:
                self._resolve(entry)
            else:
                self._parts.ledger.failed(entry, f"{type(answer.error).__name__}: {answer.error}")

        self._parts.pool.submit(run, lambda: self._parts.ledger.release(entry))

    def _observe(self, operation: WriteOperation[Q, A], request: Q, side: Origin) -> Observation[A]:
        legacy = operation.legacy
        if side is Origin.LEGACY and legacy:
            return observe(lambda: ApiResponse(legacy(request)))
        breaker = self._parts.breakers[operation.domain]
        return observe(lambda: breaker.call(lambda: operation.remote(request)))


def _hands_off(stage: Stage, authoritative: Origin) -> bool:
    """Whether legacy, written too in this stage, takes what Lambda cannot."""
    return authoritative is Origin.LAMBDA and Origin.LEGACY in WRITES[stage]


def _wrote_nothing(answer: Observation[Any]) -> bool:
    """Whether an error proves that nothing was written."""
    return not answer.failed or isinstance(answer.error, CircuitOpen)
