"""Queries of the migration records: raw rows, or rows aggregated by equal attributes."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend_clients.records.statistics import CallAggregate, ComparisonAggregate, DomainStatistics
from backend_clients.routed import HANDED_OFF
from backend_clients.storage.sqlite import columns_of

_CALLS: Final = ("stage", "origin", "fell_back", "failed", "cold_start")
_COMPARISONS: Final = ("stage", "outcome", "cold_start")


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """A WHERE clause with its values."""

    clause: str
    values: dict[str, Any]


def record_filter(
    *,
    domain: str | None = None,
    stage: str | None = None,
    since: float | None = None,
    before: float | None = None,
    outcomes: Collection[str] | None = None,
) -> RecordFilter:
    clauses, values = ["1"], dict[str, Any]()
    for clause, name, value in (
        ("domain = :domain", "domain", domain),
        ("stage = :stage", "stage", stage),
        ("at >= :since", "since", since),
        ("at < :before", "before", before),
    ):
        if value is not None:
            clauses.append(clause)
            values[name] = value
    if outcomes is not None:
        names = {f"outcome{number}": str(outcome) for number, outcome in enumerate(outcomes)}
        clauses.append(f"outcome IN ({', '.join(f':{name}' for name in names)})")
        values |= names
    return RecordFilter(" AND ".join(clauses), values)


class RecordTables:
    """Tables that may be missing, as in a file that only commands wrote, or lack columns, as in an older file."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    def columns(self, table: str) -> frozenset[str]:
        return columns_of(self._connection, table)

    def rows(self, table: str, columns: str, chosen: RecordFilter, newest: int) -> Iterator[tuple[Any, ...]]:
        """Rows, newest first."""
        select = f"SELECT {columns} FROM {table} WHERE {chosen.clause} ORDER BY at DESC, id DESC LIMIT :newest"
        return self._found(table, select, {**chosen.values, "newest": newest})

    def observed(self, chosen: RecordFilter, newest: int | None = None) -> DomainStatistics:
        """The statistics of all rows, or of the newest rows of each table."""
        compared = self._grouped("comparisons", _COMPARISONS, ("legacy_ms", "lambda_ms"), chosen, newest)
        return DomainStatistics(self.calls(chosen, newest), [_comparisons(row) for row in compared])

    def calls(self, chosen: RecordFilter, newest: int | None = None) -> list[CallAggregate]:
        return [_calls(row) for row in self._grouped("calls", _CALLS, ("latency_ms",), chosen, newest)]

    def hand_offs(self, chosen: RecordFilter, newest: int) -> int:
        """How many of the newest calls were writes that legacy took because Lambda could not."""
        rows = f"SELECT fell_back, reason FROM calls WHERE {chosen.clause} ORDER BY at DESC LIMIT :newest"
        select = f"SELECT COUNT(*) FROM ({rows}) WHERE fell_back AND reason LIKE :handed_off"
        values = {**chosen.values, "newest": newest, "handed_off": f"{HANDED_OFF}:%"}
        return int(next(self._found("calls", select, values), (0,))[0])

    def _grouped(
        self, table: str, attributes: Sequence[str], times: Sequence[str], chosen: RecordFilter, newest: int | None
    ) -> Iterator[tuple[Any, ...]]:
        """Rows grouped by equal attributes, with their times as arrays.

        SQLite groups in half the time of Python and without holding Python's global lock, for which visitors would
        wait. The index covers all these columns.
        """
        rows = f"SELECT {', '.join((*attributes, *times))}, at FROM {table} WHERE {chosen.clause}"
        if newest is not None:
            rows += " ORDER BY at DESC LIMIT :newest"
        arrays = ", ".join(f"json_group_array({name})" for name in times)
        by = ", ".join(attributes)
        select = f"SELECT {by}, {arrays}, MIN(at), MAX(at) FROM ({rows}) GROUP BY {by}"
        return self._found(table, select, {**chosen.values, "newest": newest})

    def _found(self, table: str, select: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        if self._connection is None or not self.columns(table):
            return iter(())
        return self._connection.execute(select, values)


def _calls(row: Sequence[Any]) -> CallAggregate:
    stage, origin, fell_back, failed, cold, latencies, first_at, last_at = row
    return CallAggregate(
        stage, origin, bool(fell_back), bool(failed), bool(cold), json.loads(latencies), first_at, last_at
    )


def _comparisons(row: Sequence[Any]) -> ComparisonAggregate:
    stage, outcome, cold, legacy, remote, first_at, last_at = row
    return ComparisonAggregate(stage, outcome, bool(cold), json.loads(legacy), json.loads(remote), first_at, last_at)
