"""Writes the authoritative side first; the other side is replicated through the repair ledger."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from backend_clients.errors import Unavailable
from backend_clients.flags.client import NO_LEGACY
from backend_clients.http.session import ApiResponse
from backend_clients.routed import Origin, Routed
from backend_clients.routing.breaker import CircuitOpen
from backend_clients.routing.observation import Observation, ms_since, observe
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
    """

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts

    def write(self, operation: WriteOperation[Q, A], request: Q, visitor: str) -> Routed[A]:
        """Write to the authoritative side; raises `BackendError` if that fails."""
        started = time.perf_counter()
        decision = self._parts.flags.stage(operation.domain, visitor) if operation.legacy else NO_LEGACY
        authoritative, *others = self._sides(operation, request, decision.stage)
        entry = self._record_pending(operation, request, others[0]) if others else None
        answer = self._observe(operation, request, authoritative)
        routed = Routed(
            answer.value, authoritative, decision.stage, decision.reason, ms_since(started), False, answer.cold_start
        )
        self._parts.record_call(operation.domain, operation.name, routed, failed=answer.failed)
        if answer.error is not None:
            # A failure may hide a completed write (a time-out, a lost answer), so that its entry stays pending. A
            # rejected request or an open circuit proves that nothing was written.
            if entry is not None and (not answer.failed or isinstance(answer.error, CircuitOpen)):
                self._resolve(entry)
            raise answer.error
        if entry is not None:
            self._follow(operation, request, others[0], entry)
        return routed  # type: ignore[return-value]  # without an error there is a value

    def _sides(self, operation: WriteOperation[Q, A], request: Q, stage: Stage) -> tuple[Origin, ...]:
        """The sides to write, in order.

        Includes the other side in single-side stages while the first has earlier writes pending: the repair then merges
        both sides instead of copying one over the other.
        """
        if operation.legacy is None:
            return WRITES[Stage.LAMBDA]
        sides = WRITES[stage]
        if len(sides) == 1 and (operation.always_both_sides or sides[0] in self._lagging_sides(operation, request)):
            return (*sides, *(origin for origin in Origin if origin not in sides))
        return sides

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
