"""The collaborators of both routers, their record of calls, and their read of the repair ledger."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from backend_clients.errors import Unavailable
from backend_clients.flags.client import Flags
from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import CallRecord
from backend_clients.routed import Origin, Routed
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.shadow import ShadowPool

_log = logging.getLogger(__name__)


class _NoSide:
    """Stands for a side that does not exist: each of its operations is None."""

    def __getattr__(self, _operation: str) -> None:
        return None


NO_SIDE: Final[Any] = _NoSide()


@dataclass(frozen=True, slots=True)
class RouterParts:
    """The collaborators of a router; one breaker and one Lambda address, for the records, per domain."""

    flags: Flags
    breakers: Mapping[str, Breaker]
    pool: ShadowPool
    recorder: Recorder
    ledger: Ledger
    addresses: Mapping[str, str] = field(default_factory=dict)

    def record_call(
        self, domain: str, operation: str, routed: Routed[Any], *, failed: bool, request: BaseModel | None = None
    ) -> None:
        """Record a routed call, with its request if it may be replayed."""
        self.recorder.record(
            CallRecord(
                domain=domain,
                operation=operation,
                stage=routed.stage,
                origin=routed.origin,
                reason=routed.reason,
                fell_back=routed.fell_back,
                failed=failed,
                latency_ms=routed.latency_ms,
                cold_start=routed.cold_start,
                request=request,
            )
        )

    def lagging_sides(self, domain: str, key: str) -> frozenset[Origin]:
        """The sides with pending writes under a key; none if the ledger cannot be read."""
        try:
            return self.ledger.lagging_sides(domain, key)
        except Unavailable:
            _log.exception("the repair ledger cannot be read; calling the side that the stage names")
            return frozenset()
