"""Measures the overhead of routing on a visitor's call."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend_clients.errors import Unavailable
from backend_clients.flags.client import Flags
from backend_clients.http.endpoint import Endpoint
from backend_clients.http.session import ApiResponse
from backend_clients.records.recorder import Recorder
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.read_router import Operation, Router
from backend_clients.routing.repair_ledger import Ledger
from backend_clients.routing.router_parts import RouterParts
from backend_clients.routing.shadow import ShadowPool
from bench.timing import MICROSECOND, Finding, budgeted, paired_medians
from contracts.base import Contract

ROUTER_BUDGET = 50 * MICROSECOND
SHADOW_BUDGET = 20 * MICROSECOND
_ROUNDS = 3000
_FLAG = "flags:\n  stories:\n    state: ENABLED\n    variants: {{a: {stage}}}\n    defaultVariant: a\n"


class _Nothing(Contract):
    """A trivial request and answer."""


def measure() -> list[Finding]:
    """Measure a routed trivial call relative to a direct one, without and with a shadow call."""
    nothing = _Nothing()
    with tempfile.TemporaryDirectory() as folder:
        direct, legacy = _routed(
            Path(folder), "legacy", lambda read: paired_medians(lambda: _answer(nothing), read, _ROUNDS)
        )
        _, shadowed = _routed(
            Path(folder), "shadow", lambda read: paired_medians(lambda: _answer(nothing), read, _ROUNDS)
        )
    return [
        budgeted("router overhead over a direct call", legacy - direct, ROUTER_BUDGET, MICROSECOND),
        budgeted("extra time on the caller's path from shadowing", shadowed - legacy, SHADOW_BUDGET, MICROSECOND),
    ]


def _routed(
    folder: Path, stage: str, run: Callable[[Callable[[], object]], tuple[float, float]]
) -> tuple[float, float]:
    flags_file = folder / f"{stage}.yaml"
    flags_file.write_text(_FLAG.format(stage=stage))
    flags = Flags(flags_file)
    pool = ShadowPool(workers=1, queue_size=200, timeout=10.0)
    recorder = Recorder(folder / f"{stage}.sqlite3", row_cap=10_000)
    ledger = Ledger(folder / "repairs.sqlite3")
    router = Router(RouterParts(flags, {"stories": Breaker("stories", 5, 30.0)}, pool, recorder, ledger))
    endpoint = Endpoint("stories", "bench", _Nothing, _Nothing, "POST", "/bench")
    operation: Operation[Any, Any] = Operation(endpoint, _answer, _remote, lambda answer: {"all": answer})
    try:
        return run(lambda: router.read(operation, _Nothing(), "visitor"))
    finally:
        pool.close()
        recorder.close()
        ledger.close()
        flags.close()


def _answer(_request: _Nothing) -> _Nothing:
    return _Nothing()


def _remote(_request: _Nothing, *, shadow: bool = False) -> ApiResponse[_Nothing]:
    if not shadow:
        raise Unavailable("only shadowed here")
    return ApiResponse(_Nothing())
