"""Records of a domain's calls and comparisons as the site writes them, without the calls."""

import time
from pathlib import Path
from typing import Any

from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.routed import Origin
from backend_clients.stages import READS, Outcome, Stage
from contracts.stories import StoryRequest

QUICK_MS = 20.0
REQUEST = StoryRequest(id="a|acme")


class SeededRecords:
    """Writes to a records file; `later` is how many seconds from now the records say that it was."""

    def __init__(self, path: Path, later: float = 0.0) -> None:
        self._path = path
        self._later = later

    def visits(
        self, domain: str, stage: Stage, count: int, *, outcome: Outcome = Outcome.MATCH, **changes: Any
    ) -> None:
        """`count` calls routed in a stage, each with its comparison where the stage makes one."""
        recorder = Recorder(self._path, row_cap=200_000)
        for _ in range(count):
            recorder.record(self._call(domain, stage, outcome, changes))
            if READS[stage].compared:
                recorder.record(self._comparison(domain, stage, outcome, changes))
        assert recorder.flush(30.0)
        recorder.close()
        assert recorder.lost == 0

    def _call(self, domain: str, stage: Stage, outcome: Outcome, changes: dict[str, Any]) -> CallRecord:
        lambda_failed = outcome is Outcome.LAMBDA_ERROR and READS[stage].answers is Origin.LAMBDA
        return CallRecord(
            domain=domain,
            operation="get",
            stage=stage,
            origin=Origin.LEGACY if lambda_failed and READS[stage].falls_back else READS[stage].answers,
            reason="default",
            fell_back=lambda_failed and READS[stage].falls_back,
            failed=lambda_failed and not READS[stage].falls_back,
            latency_ms=changes.get("lambda_ms", QUICK_MS),
            cold_start=False,
            at=time.time() + self._later,
        )

    def _comparison(self, domain: str, stage: Stage, outcome: Outcome, changes: dict[str, Any]) -> ComparisonRecord:
        return ComparisonRecord(
            domain=domain,
            operation="get",
            stage=stage,
            outcome=outcome,
            layer=changes.get("layer", ""),
            legacy_ms=QUICK_MS,
            lambda_ms=changes.get("lambda_ms", QUICK_MS),
            cold_start=False,
            request=REQUEST,
            differences=changes.get("differences", ()),
            at=time.time() + self._later,
        )
