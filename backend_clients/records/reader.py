"""Reads the migration records of a domain: counts, latencies and stored comparisons."""

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from backend_clients.errors import MigrationError
from backend_clients.records.queries import RecordFilter, RecordTables, record_filter
from backend_clients.records.rows import ComparisonRecord
from backend_clients.records.statistics import DomainStatistics, Latency, TrendPoint, trend_point
from backend_clients.stages import LEGACY, Outcome
from backend_clients.storage.sqlite import reading

__all__ = [
    "Evidence",
    "EvidenceError",
    "Latency",
    "StoredComparison",
    "StoredRequest",
    "TrendPoint",
    "Window",
]

_COMPARISON: Final = (
    "id, at, domain, operation, stage, outcome, layer, legacy_ms, lambda_ms, cold_start, request, differences"
)


class EvidenceError(MigrationError):
    """The records cannot be read; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """One comparison as recorded.

    `legacy` and `remote` are the redacted layers of a mismatch, None if not stored; `cut` is True if they were too
    large to store. `versions` holds legacy_corpus, lambda_corpus, legacy_code and lambda_code, where known,
    and the address at which the Lambda side was asked.
    """

    id: int
    at: float
    domain: str
    operation: str
    stage: str
    outcome: str
    layer: str
    legacy_ms: float | None
    lambda_ms: float | None
    cold_start: bool
    request: dict[str, Any]
    differences: tuple[str, ...]
    legacy: Any | None
    remote: Any | None
    versions: dict[str, str]
    cut: bool = False

    @classmethod
    def of(cls, record: ComparisonRecord) -> Self:
        """The comparison before it is written: number 0, nothing redacted or cut."""
        legacy, remote = record.views or (None, None)
        return cls(
            id=0,
            at=record.at,
            domain=record.domain,
            operation=record.operation,
            stage=record.stage,
            outcome=record.outcome,
            layer=record.layer,
            legacy_ms=record.legacy_ms,
            lambda_ms=record.lambda_ms,
            cold_start=record.cold_start,
            request=record.request.model_dump(mode="json", exclude_defaults=True),
            differences=record.differences,
            legacy=legacy,
            remote=remote,
            versions=dict(record.versions),
        )


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A visitor's request, redacted."""

    id: int
    at: float
    domain: str
    operation: str
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """Figures of one domain, over its latest comparisons and calls.

    `stage` None means all stages; records before `since`, in Unix seconds, are excluded. `accepted` counts accepted
    mismatches. `lambda_calls` counts calls to the Lambda side, for an answer or a comparison, including those rejected
    by an open circuit. `hand_offs` counts those fallbacks that were writes.
    """

    domain: str
    stage: str | None
    since: float | None
    outcomes: Mapping[str, int]
    accepted: int
    calls: int
    lambda_calls: int
    lambda_errors: int
    fallbacks: int
    hand_offs: int
    cold_starts: int
    legacy: Latency
    remote: Latency
    first_at: float | None
    last_at: float | None


class Evidence:
    """The records of one file, read while the site writes them. A missing file holds none.

    Every method raises `EvidenceError` when the file cannot be read.
    """

    def __init__(self, records_file: Path) -> None:
        self._path = records_file

    def window(
        self,
        domain: str,
        *,
        stage: str | None = None,
        since: float | None = None,
        last: int = 5000,
        accepted: Callable[[StoredComparison], bool] | None = None,
    ) -> Window:
        """Figures of the latest `last` calls and comparisons; `accepted` returns True for accepted mismatches."""
        chosen = record_filter(domain=domain, stage=stage, since=since)
        with self._opened() as records:
            seen = records.observed(chosen, last)
            hand_offs = records.hand_offs(chosen, last) if seen.fallbacks else 0
            accepted_count = 0
            if accepted is not None and seen.outcomes[Outcome.MISMATCH]:
                oldest = min(alike.first_at for alike in seen.comparisons)
                mismatches = record_filter(domain=domain, stage=stage, since=oldest, outcomes=(Outcome.MISMATCH,))
                accepted_count = sum(accepted(item) for item in _comparisons(records, mismatches, last))
        return Window(
            domain=domain,
            stage=stage,
            since=since,
            outcomes=seen.outcomes,
            accepted=accepted_count,
            calls=seen.call_count,
            lambda_calls=seen.lambda_calls,
            lambda_errors=seen.lambda_errors,
            fallbacks=seen.fallbacks,
            hand_offs=hand_offs,
            cold_starts=seen.cold_starts,
            legacy=seen.legacy,
            remote=seen.remote,
            first_at=seen.first_at,
            last_at=seen.last_at,
        )

    def comparisons(
        self,
        domain: str | None = None,
        *,
        outcomes: Collection[str] = (Outcome.MISMATCH.value,),
        limit: int = 500,
        answers: bool = True,
    ) -> list[StoredComparison]:
        """Stored comparisons, newest first. Without `answers` the stored layers, most of the data, are not read."""
        with self._opened() as records:
            return list(_comparisons(records, record_filter(domain=domain, outcomes=outcomes), limit, answers=answers))

    def comparison(self, number: int) -> StoredComparison | None:
        with self._opened() as records:
            return next(_comparisons(records, RecordFilter("id = :number", {"number": number}), 1), None)

    def trend(self, domain: str, *, minutes: int = 60, slots: int = 60) -> list[TrendPoint]:
        """The last `minutes` in `slots` equal parts, oldest first."""
        start, width = time.time() - minutes * 60.0, minutes * 60.0 / slots
        edges = [start + slot * width for slot in range(slots)]
        with self._opened() as records:
            return [
                trend_point(records.observed(record_filter(domain=domain, since=at, before=until)), at)
                for at, until in zip(edges, [*edges[1:], None], strict=True)
            ]

    def legacy_latency(self, domain: str, last: int = 5000) -> Latency:
        """The latency of legacy's latest answers to visitors in any stage, without fallbacks."""
        chosen = RecordFilter(
            "domain = :domain AND origin = :legacy AND NOT fell_back", {"domain": domain, "legacy": LEGACY}
        )
        with self._opened() as records:
            return DomainStatistics(records.calls(chosen, last), ()).legacy

    def last_fallback(self, domain: str) -> float | None:
        """The time of the last fallback to legacy."""
        chosen = RecordFilter("domain = :domain AND fell_back", {"domain": domain})
        with self._opened() as records:
            return next((row[0] for row in records.rows("calls", "at", chosen, 1)), None)

    def requests(self, domain: str | None, limit: int) -> list[StoredRequest]:
        """Requests stored while recording was on, newest first."""
        with self._opened() as records:
            rows = records.rows("requests", "id, at, domain, operation, request", record_filter(domain=domain), limit)
            return [
                StoredRequest(number, at, name, operation, json.loads(asked))
                for number, at, name, operation, asked in rows
            ]

    @contextmanager
    def _opened(self) -> Iterator[RecordTables]:
        try:
            with reading(self._path) as opened:
                yield RecordTables(opened)
        except (sqlite3.Error, OSError, json.JSONDecodeError) as error:
            raise EvidenceError(f"{self._path}: the migration records cannot be read: {error}") from error


def _comparisons(
    tables: RecordTables, chosen: RecordFilter, newest: int, *, answers: bool = True
) -> Iterator[StoredComparison]:
    kept = "legacy_payload, lambda_payload, versions, cut" if answers else "NULL, NULL, versions, cut"
    if "cut" not in tables.columns("comparisons"):
        kept = "NULL, NULL, '{}', 0"
    return (_stored(row) for row in tables.rows("comparisons", f"{_COMPARISON}, {kept}", chosen, newest))


def _stored(row: Sequence[Any]) -> StoredComparison:
    *plain, cold, request, differences, legacy, remote, versions, cut = row
    parsed = {
        "cold_start": bool(cold),
        "request": json.loads(request),
        "differences": tuple(json.loads(differences)),
        "legacy": None if legacy is None else json.loads(legacy),
        "remote": None if remote is None else json.loads(remote),
        "versions": json.loads(versions),
        "cut": bool(cut),
    }
    return StoredComparison(*plain, **parsed)
