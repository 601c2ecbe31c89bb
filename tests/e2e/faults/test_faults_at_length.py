"""Many visitors in `live` under one fault after another: no read fails, no write is lost or doubled, nothing grows."""

import gc
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from backend_clients.ask.conversations import LambdaReplica
from backend_clients.errors import BackendError
from backend_clients.routed import Origin
from contracts.conversations import Turn
from tests.support.faults.calls import READS, Read, prepare
from tests.support.faults.catalog import FAULTS
from tests.support.faults.chatter import turn_of
from tests.support.faults.site import FaultSite, eventually_true, fault_site, visitor_in

pytestmark = pytest.mark.alone

REQUESTS = int(os.environ.get("FAULT_REQUESTS", "8"))  # a domain and fault; `make faults` makes 400
PLAYED = tuple(FAULTS) if REQUESTS > 100 else ("refused connection", "504 though it was done", "delivered twice")
VISITORS = 8
TURNS = 40  # in a conversation
MOST_GROWTH = 64 * 1024 * 1024  # bytes; a leak of a kilobyte a call would pass it many times over
DOMAINS = {domain: [read for read in READS if read.domain == domain] for domain in ("stories", "search", "industries")}
ASK = [read for read in READS if read.domain == "ask"]
LIVE = visitor_in("live")


@dataclass
class Crowd:
    """Visitors in `live`: what they asked and wrote, and what failed."""

    site: FaultSite
    origins: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    written: list[Turn] = field(default_factory=list)
    refused: list[Turn] = field(default_factory=list)

    def visit(self, fault: str) -> None:
        with ThreadPoolExecutor(VISITORS) as pool:
            for number in range(REQUESTS):
                for reads in DOMAINS.values():
                    pool.submit(self._read, fault, reads[number % len(reads)])
                if number % 3:
                    pool.submit(self._read, fault, ASK[number % len(ASK)])
                else:
                    pool.submit(self._write, turn_of(self._session(fault, number), number))

    def write_what_was_refused(self) -> None:
        """As visitors do who try again: the same turn, under the same id."""
        waiting, self.refused = self.refused, []
        for turn in waiting:
            self._write(turn)

    def _session(self, fault: str, number: int) -> str:
        return f"at-length-{list(FAULTS).index(fault):02d}-{number // TURNS:05d}"

    def _read(self, fault: str, read: Read) -> None:
        try:
            self.origins.append(read.ask(self.site.clients, LIVE).origin.value)
        except Exception as error:  # noqa: BLE001  whatever a visitor would see
            self.failures.append(f"{fault}: {read.name}: {error!r}")

    def _write(self, turn: Turn) -> None:
        try:
            self.site.clients.ask.append(turn, LIVE)
        except BackendError:
            self.refused.append(turn)
        else:
            self.written.append(turn)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultSite]:
    settings = {
        "breaker_reset": 1.0,
        "repair_seconds": 0.5,
        "record_cap": 5_000,
    }
    with fault_site(tmp_path, **settings) as site:
        prepare(site)
        yield site


@pytest.mark.timeout(3600)
def test_visitors_in_live_see_no_fault(site: FaultSite) -> None:
    crowd = Crowd(site)
    sizes: list[int] = []
    threads: list[int] = []
    for fault in PLAYED:
        started, before = time.monotonic(), len(crowd.origins)
        with FAULTS[fault](site):
            crowd.visit(fault)
            site.settle()
        gc.collect()
        sizes.append(psutil.Process().memory_info().rss)
        threads.append(site_threads())
        print(
            f"{fault}: reads answered by {dict(Counter(crowd.origins[before:]))}; in all {len(crowd.failures)} failed, "
            f"{len(crowd.written)} writes taken, {len(crowd.refused)} refused; {sizes[-1] / 1e6:.0f} MB, "
            f"{threads[-1]} threads, {time.monotonic() - started:.1f} s"
        )
    assert crowd.failures == []
    eventually_true(lambda: crowd.write_what_was_refused() or not crowd.refused, within=600.0)
    eventually_true(lambda: not site.clients.ledger.open_repairs(), within=600.0)
    assert missing_or_doubled(site, crowd.written) == []
    assert sizes[-1] - min(sizes[: len(sizes) // 2 + 1]) < MOST_GROWTH, sizes
    assert len(set(threads)) == 1, threads


def site_threads() -> int:
    """How many threads the site has; the proxies' are the test's, and OpenFeature has a small pool for its events."""
    others = ("fault-proxy", "openfeature-event-handler")
    return sum(not thread.name.startswith(others) for thread in threading.enumerate())


def missing_or_doubled(site: FaultSite, written: list[Turn]) -> list[str]:
    """What either side does not hold exactly once, of all that was acknowledged."""
    wrong = []
    sides = {
        Origin.LEGACY: site.clients.conversation_sides[Origin.LEGACY],
        Origin.LAMBDA: LambdaReplica(site.direct.ask),
    }
    sessions = sorted({turn.session_id for turn in written})
    for origin, side in sides.items():
        for session in sessions:
            kept = Counter(turn.turn_id for turn in side.read(session).turns)
            wanted = {turn.turn_id for turn in written if turn.session_id == session}
            if kept != Counter(wanted):
                wrong.append(f"{origin}: {session}: {kept - Counter(wanted)} too many, {Counter(wanted) - kept} lost")
    return wrong
