"""How long each side took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backend_clients.migration.replay import Asked


@dataclass
class Latencies:
    """Milliseconds of each side's answers; cold starts are counted and left out."""

    legacy: list[float] = field(default_factory=list)
    remote: list[float] = field(default_factory=list)
    cold_starts: int = 0

    def add(self, asked: Asked) -> None:
        if asked.legacy is not None and not asked.legacy.failed:
            self.legacy.append(asked.legacy.latency_ms)
        if asked.remote is None or asked.remote.failed:
            return
        if asked.remote.cold_start:
            self.cold_starts += 1
        else:
            self.remote.append(asked.remote.latency_ms)

    def as_json(self) -> dict[str, Any]:
        return {"legacy": summary(self.legacy), "lambda": {**summary(self.remote), "cold_starts": self.cold_starts}}


def summary(latencies: Sequence[float]) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, None where nothing was measured."""
    if not latencies:
        return {"p50": None, "p95": None, "count": 0}
    p50, p95 = np.percentile(latencies, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "count": len(latencies)}
