"""Records on disk: written off the caller's path, redacted, capped, and lost rather than in the way."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from backend_clients.routing.records import CallRecord, ComparisonRecord, Recorder
from backend_clients.routing.stages import Stage
from contracts.stories import StoryListRequest
from tests.fakes.sides import Question


def call(**fields: Any) -> CallRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": Stage.LIVE, "origin": "lambda", "reason": "share",
        "fell_back": False, "failed": False, "latency_ms": 1.5, "cold_start": True,
    }  # fmt: skip
    return CallRecord(**(usual | fields))


def comparison(request: BaseModel | None = None, **fields: Any) -> ComparisonRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": Stage.SHADOW, "outcome": "match", "layer": "",
        "legacy_ms": 1.0, "lambda_ms": None, "cold_start": False,
    }  # fmt: skip
    return ComparisonRecord(request=request or Question(), **(usual | fields))


@contextmanager
def recorder(path: Path, row_cap: int = 100, queue_size: int = 10_000) -> Iterator[Recorder]:
    made = Recorder(path, row_cap, queue_size)
    try:
        yield made
    finally:
        made.close()


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_call_is_stored_as_the_visitor_saw_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(fell_back=True, at=12.5))
        assert records.flush()
        stored = rows(
            path,
            "SELECT at, domain, operation, stage, origin, reason, fell_back, failed, latency_ms, cold_start FROM calls",
        )
    assert stored == [(12.5, "stories", "list", "live", "lambda", "share", 1, 0, 1.5, 1)]


def test_a_comparison_is_stored_with_its_request_and_differences(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="größe", clients=("Acme",))
    with recorder(path) as records:
        records.record(comparison(request, outcome="mismatch", layer="order", differences=("a", "b"), at=1.0))
        records.flush()
        ((outcome, layer, legacy_ms, lambda_ms, asked, differences),) = rows(
            path, "SELECT outcome, layer, legacy_ms, lambda_ms, request, differences FROM comparisons"
        )
    assert (outcome, layer, legacy_ms, lambda_ms) == ("mismatch", "order", 1.0, None)
    assert json.loads(asked) == {"q": "größe", "clients": ["Acme"]}
    assert "größe" in asked
    assert json.loads(differences) == ["a", "b"]


def test_a_stored_request_can_be_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="swift", sort="title", limit=5, has_metric=False)
    with recorder(path) as records:
        records.record(comparison(request))
        records.flush()
        ((asked,),) = rows(path, "SELECT request FROM comparisons")
    assert StoryListRequest.model_validate_json(asked) == request


def test_personal_details_are_redacted_in_requests_and_differences(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    request = StoryListRequest(q="mail jane@example.com", clients=("call 555 123 4567",))
    with recorder(path) as records:
        records.record(comparison(request, differences=("jane@example.com", "kept $450,000")))
        records.flush()
        ((asked, differences),) = rows(path, "SELECT request, differences FROM comparisons")
    assert json.loads(asked) == {"q": "mail [e-mail]", "clients": ["call [number]"]}
    assert json.loads(differences) == ["[e-mail]", "kept $450,000"]


def test_records_are_written_on_another_thread(tmp_path: Path) -> None:
    writers: set[str] = set()

    class Watched(BaseModel):
        def model_dump(self, **options: Any) -> dict[str, Any]:
            writers.add(threading.current_thread().name)
            return {}

    with recorder(tmp_path / "records.sqlite3") as records:
        records.record(comparison(Watched()))
        assert records.flush()
    assert writers == {"migration-records"}


def test_each_table_keeps_the_newest_rows_up_to_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path, row_cap=3) as records:
        for number in range(10):
            records.record(call(at=float(number)))
            records.record(comparison(at=float(number)))
            records.flush()
    assert rows(path, "SELECT at FROM calls ORDER BY id") == [(7.0,), (8.0,), (9.0,)]
    assert rows(path, "SELECT at FROM comparisons ORDER BY id") == [(7.0,), (8.0,), (9.0,)]


def test_many_records_at_once_are_all_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path, row_cap=5000) as records:
        for number in range(1200):
            records.record(call(at=float(number)))
        assert records.flush(30.0)
        assert records.lost == 0
    assert [at for (at,) in rows(path, "SELECT at FROM calls ORDER BY id")] == [float(number) for number in range(1200)]


def test_records_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    for _ in range(2):
        with recorder(path) as records:
            records.record(call())
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(2,)]


def test_closing_writes_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    records = Recorder(path, 100)
    records.record(call())
    records.close()
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(1,)]


@pytest.mark.parametrize("where", ["file/records.sqlite3", "."])
def test_a_place_that_cannot_be_written_loses_records_counts_them_and_raises_nothing(
    tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no directory")
    with recorder(tmp_path / where) as records:
        for _ in range(3):
            records.record(call())
        assert records.flush()
        assert records.lost == 3
    assert "migration records lost" in caplog.text


def test_writing_goes_on_once_the_place_can_be_written(tmp_path: Path) -> None:
    obstacle = tmp_path / "var"
    obstacle.write_text("no directory")
    with recorder(obstacle / "records.sqlite3") as records:
        records.record(call())
        assert records.flush()
        obstacle.unlink()
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert rows(obstacle / "records.sqlite3", "SELECT COUNT(*) FROM calls") == [(1,)]


def test_a_file_that_is_no_database_loses_records_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    path.write_bytes(b"precious notes " * 100)
    with recorder(path) as records:
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert path.read_bytes() == b"precious notes " * 100


def test_a_locked_database_loses_records_without_holding_up_the_caller_and_then_recovers(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(at=1.0))
        assert records.flush()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            started = time.perf_counter()
            records.record(call(at=2.0))
            assert time.perf_counter() - started < 0.5
            assert records.flush(10.0)
            assert records.lost == 1
            other.execute("ROLLBACK")
        records.record(call(at=3.0))
        assert records.flush()
    assert rows(path, "SELECT at FROM calls") == [(1.0,), (3.0,)]


def test_a_record_that_cannot_be_stored_is_lost_alone_in_time(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    with recorder(path) as records:
        records.record(call(reason="half a pair: \ud800"))
        assert records.flush()
        records.record(call())
        assert records.flush()
        assert records.lost == 1
    assert rows(path, "SELECT COUNT(*) FROM calls") == [(1,)]


def test_a_full_queue_loses_records_and_counts_them(tmp_path: Path) -> None:
    gate, inside = threading.Event(), threading.Event()

    class Slow(BaseModel):
        def model_dump(self, **options: Any) -> dict[str, Any]:
            inside.set()
            gate.wait(10)
            return {}

    with recorder(tmp_path / "records.sqlite3", queue_size=2) as records:
        records.record(comparison(Slow()))
        assert inside.wait(5)
        for _ in range(5):
            records.record(call())
        assert records.lost == 3
        assert not records.flush(0.05)
        gate.set()
        assert records.flush()
        assert records.lost == 3
