"""A wall clock that is set back holds up neither a circuit nor a repair."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pybreaker
import pytest

from backend_clients.errors import Unavailable
from backend_clients.routed import Origin
from backend_clients.routing import breaker as breaker_module
from backend_clients.routing.breaker import Breaker
from backend_clients.routing.repair_ledger import Ledger

DAY = 86_400.0


class Yesterday(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(UTC) - timedelta(days=1)


def test_an_open_circuit_is_tried_again_in_its_time() -> None:
    breaker = Breaker("stories", failures=1, reset=1e-9)
    with pytest.raises(Unavailable):
        breaker.call(fail)
    assert breaker.state == "open"
    with mock.patch.object(pybreaker, "datetime", Yesterday), mock.patch.object(breaker_module, "datetime", Yesterday):
        assert breaker.call(lambda: "fine") == "fine"


def fail() -> str:
    raise Unavailable("down")


def test_earlier_pending_writes_are_due(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "repairs.sqlite3", lease=60.0)
    with mock.patch("time.time", return_value=time.time() + DAY):
        ledger.add("ask", "append", "a-session-of-before", Origin.LAMBDA, {})
    assert ledger.claimable_keys("ask") == ["a-session-of-before"]
    assert len(ledger.claim("ask", "a-session-of-before")) == 1
    assert ledger.claim("ask", "a-session-of-before") == []
    assert ledger.claimable_keys("ask") == []
    ledger.close()
