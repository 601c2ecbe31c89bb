"""Reading the migration records: counts and latencies of each side, stored comparisons, and files gone wrong."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_clients.records import reader as module
from backend_clients.records.reader import Evidence, EvidenceError, Latency
from backend_clients.records.recorder import Recorder
from backend_clients.records.rows import CallRecord, ComparisonRecord
from backend_clients.records.schema import opened
from backend_clients.storage.sqlite import reading
from tests.support.sides.routed import Question


def call(**fields: Any) -> CallRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": "live", "origin": "lambda", "reason": "default",
        "fell_back": False, "failed": False, "latency_ms": 10.0, "cold_start": False,
    }  # fmt: skip
    return CallRecord(**(usual | fields))


def comparison(**fields: Any) -> ComparisonRecord:
    usual = {
        "domain": "stories", "operation": "list", "stage": "shadow", "outcome": "match", "layer": "",
        "legacy_ms": 1.0, "lambda_ms": 20.0, "cold_start": False, "request": Question(),
    }  # fmt: skip
    return ComparisonRecord(**(usual | fields))


@contextmanager
def recording(path: Path) -> Iterator[Recorder]:
    recorder = Recorder(path, 100_000, days=1e6)
    try:
        yield recorder
    finally:
        recorder.close()


def evidence(tmp_path: Path, records: Sequence[CallRecord | ComparisonRecord]) -> Evidence:
    path = tmp_path / "migration.sqlite3"
    with recording(path) as recorder:
        for record in records:
            recorder.record(record)
    assert recorder.lost == 0
    return Evidence(path)


# What is counted


def test_a_window_counts_outcomes_calls_and_fallbacks_of_one_domain(tmp_path: Path) -> None:
    found = evidence(
        tmp_path,
        [
            call(at=1.0),
            call(at=2.0, origin="legacy", fell_back=True, latency_ms=900.0),
            call(at=2.5, origin="legacy", fell_back=True, reason="handed off: Timeout: late"),
            call(at=3.0, domain="search"),
            comparison(at=4.0),
            comparison(at=5.0, outcome="mismatch"),
            comparison(at=6.0, outcome="dropped", legacy_ms=None, lambda_ms=None),
            comparison(at=7.0, domain="search"),
        ],
    ).window("stories")
    assert found.outcomes == {"match": 1, "mismatch": 1, "dropped": 1}
    assert (found.calls, found.fallbacks, found.hand_offs) == (3, 2, 1)
    assert (found.first_at, found.last_at) == (1.0, 6.0)


@pytest.mark.parametrize(
    ("record", "asked", "failed"),
    [
        (call(), 1, 0),
        (call(failed=True), 1, 1),
        (call(origin="legacy", fell_back=True), 1, 1),
        (call(stage="shadow", origin="legacy"), 0, 0),
        (call(stage="shadow", origin="legacy", failed=True), 0, 0),
        (comparison(), 1, 0),
        (comparison(outcome="mismatch"), 1, 0),
        (comparison(outcome="version_skew"), 1, 0),
        (comparison(outcome="legacy_error"), 1, 0),
        (comparison(outcome="lambda_error"), 1, 1),
        (comparison(outcome="both_error"), 1, 1),
        (comparison(outcome="dropped"), 0, 0),
        (comparison(outcome="ignored"), 0, 0),
        (comparison(stage="live", outcome="lambda_error"), 0, 0),  # its call counts it
        (comparison(stage="live"), 0, 0),
    ],
)
def test_each_question_to_the_lambda_side_counts_once(tmp_path: Path, record: Any, asked: int, failed: int) -> None:
    found = evidence(tmp_path, [record]).window("stories")
    assert (found.lambda_calls, found.lambda_errors) == (asked, failed)


def test_each_sides_latency_is_of_its_own_answers_each_once(tmp_path: Path) -> None:
    shadowed = [
        call(stage="shadow", origin="legacy", latency_ms=1.0),
        comparison(legacy_ms=1.0, lambda_ms=20.0),
        comparison(legacy_ms=1.0, lambda_ms=5.0, outcome="lambda_error"),
    ]
    live = [
        call(latency_ms=30.0),
        comparison(stage="live", legacy_ms=3.0, lambda_ms=30.0),
        call(origin="legacy", fell_back=True, latency_ms=5000.0),
        comparison(stage="live", legacy_ms=4.0, lambda_ms=4999.0, outcome="lambda_error"),
        call(failed=True, latency_ms=6000.0),
    ]
    found = evidence(tmp_path, [*shadowed, *live]).window("stories")
    assert found.legacy == Latency(3.0, 4.0, 3)
    assert found.remote == Latency(20.0, 30.0, 2)


def test_cold_starts_are_counted_and_left_out_of_latencies(tmp_path: Path) -> None:
    found = evidence(
        tmp_path,
        [
            call(cold_start=True, latency_ms=3000.0),
            comparison(stage="live", cold_start=True, lambda_ms=3000.0),
            comparison(cold_start=True, lambda_ms=4000.0),
        ],
    ).window("stories")
    assert (found.cold_starts, found.remote) == (2, Latency(None, None, 0))


@given(st.lists(st.integers(0, 10**7).map(lambda microseconds: microseconds / 1000), min_size=1, max_size=60))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_percentiles_are_latencies_that_so_many_calls_kept_to(
    tmp_path_factory: pytest.TempPathFactory, times: list[float]
) -> None:
    path = tmp_path_factory.mktemp("evidence")
    latency = evidence(path, [call(latency_ms=time) for time in times]).window("stories").remote
    for share, found in ((0.5, latency.p50), (0.95, latency.p95)):
        assert found in times
        assert sum(time <= found for time in times) >= share * len(times)
        assert sum(time < found for time in times) < share * len(times)


def test_a_window_may_be_of_one_stage_of_a_time_and_of_the_latest_records_alone(tmp_path: Path) -> None:
    records = [
        make(at=float(at), stage=stage)
        for at in range(10)
        for stage in ("shadow", "live")
        for make in (call, comparison)
    ]
    found = evidence(tmp_path, records)
    assert found.window("stories", stage="live").calls == 10
    assert found.window("stories", since=7.0).calls == 6
    assert found.window("stories", stage="live", since=7.0).outcomes == {"match": 3}
    latest = found.window("stories", stage="live", last=4)
    assert (latest.calls, latest.outcomes, latest.first_at) == (4, {"match": 4}, 6.0)


def test_accepted_mismatches_of_the_window_are_counted(tmp_path: Path) -> None:
    records = [
        comparison(at=float(at), outcome=outcome, layer=layer, views=({"n": at}, {"n": -1}))
        for at in range(5)
        for outcome, layer in (("match", ""), ("mismatch", "order"), ("mismatch", "scores"))
    ]
    found = evidence(tmp_path, records)
    seen: list[Any] = []

    def accepted(item: Any) -> bool:
        seen.append(item)
        return item.layer == "order" and item.legacy["n"] > 2

    assert found.window("stories", accepted=accepted).accepted == 2
    assert {item.outcome for item in seen} == {"mismatch"}
    assert found.window("stories", since=4.0, accepted=accepted).accepted == 1
    assert found.window("stories").accepted == 0


# What is listed


def test_comparisons_are_listed_newest_first_by_domain_and_outcome(tmp_path: Path) -> None:
    records = [
        comparison(domain=domain, outcome=outcome)
        for domain in ("stories", "search")
        for outcome in ("match", "mismatch", "lambda_error")
    ]
    found = evidence(tmp_path, records)
    assert [(item.id, item.domain) for item in found.comparisons()] == [(5, "search"), (2, "stories")]
    assert [item.id for item in found.comparisons("stories", outcomes=("match", "lambda_error"))] == [3, 1]
    assert [item.id for item in found.comparisons(outcomes=("match", "mismatch"), limit=3)] == [5, 4, 2]
    assert found.comparisons(outcomes=()) == []


def test_one_comparison_is_read_with_all_that_was_kept(tmp_path: Path) -> None:
    made = comparison(
        at=12.5,
        outcome="mismatch",
        layer="text",
        differences=("a", "b"),
        request=Question(text="why"),
        cold_start=True,
        views=({"text": "x"}, {"text": ["y"]}),
        versions={"legacy_code": "dev"},
    )
    found = evidence(tmp_path, [comparison(), made])
    item = found.comparison(2)
    assert item is not None
    assert (item.id, item.at, item.stage, item.outcome, item.layer) == (2, 12.5, "shadow", "mismatch", "text")
    assert (item.legacy_ms, item.lambda_ms, item.cold_start) == (1.0, 20.0, True)
    assert (item.request, item.differences, item.versions) == ({"text": "why"}, ("a", "b"), {"legacy_code": "dev"})
    assert (item.legacy, item.remote, item.cut) == ({"text": "x"}, {"text": ["y"]}, False)
    assert found.comparison(3) is None


def test_the_latest_fallback_is_dated(tmp_path: Path) -> None:
    fallen = {"origin": "legacy", "fell_back": True}
    found = evidence(tmp_path, [call(at=1.0, **fallen), call(at=2.0, **fallen), call(at=3.0)])
    assert found.last_fallback("stories") == 2.0
    assert found.last_fallback("search") is None


def test_what_visitors_waited_for_legacy_is_of_its_own_answers_whenever_they_were(tmp_path: Path) -> None:
    answered = [call(at=float(at), stage="shadow", origin="legacy", latency_ms=100.0 + at) for at in range(5)]
    others = [
        call(at=9.0, latency_ms=1.0),
        call(at=9.0, origin="legacy", fell_back=True, latency_ms=9000.0),
        call(at=9.0, origin="legacy", failed=True, latency_ms=2.0),
        call(at=9.0, origin="legacy", domain="search", latency_ms=3.0),
        comparison(at=9.0, stage="live", legacy_ms=4.0),  # by the way in which legacy is compared, without a model
    ]
    found = evidence(tmp_path, [*answered, *others])
    assert found.legacy_latency("stories") == Latency(102.0, 104.0, 5)
    assert found.legacy_latency("stories", last=3).count == 2  # what failed is one of the latest
    assert found.legacy_latency("industries") == Latency(None, None, 0)


def test_a_trend_puts_each_record_into_its_slot(tmp_path: Path) -> None:
    now = time.time()
    ago = {"old": now - 700.0, "early": now - 500.0, "late": now - 1.0}
    found = evidence(
        tmp_path,
        [
            call(at=ago["old"]),
            call(at=ago["early"], latency_ms=7.0),
            call(at=ago["late"], origin="legacy", fell_back=True),
            comparison(at=ago["late"], outcome="mismatch", lambda_ms=40.0),
            comparison(at=ago["late"], outcome="lambda_error"),
            comparison(at=ago["early"], domain="search"),
        ],
    ).trend("stories", minutes=10, slots=5)
    assert len(found) == 5
    assert [point.calls for point in found] == [1, 0, 0, 0, 1]
    assert (found[0].lambda_p50, found[0].lambda_p95, found[0].legacy_p50) == (7.0, 7.0, None)
    last = found[-1]
    assert (last.matched, last.mismatched, last.errors, last.fallbacks, last.lambda_p95) == (0, 1, 2, 1, 40.0)
    assert found[1].at - found[0].at == pytest.approx(120.0)
    assert found[0].at == pytest.approx(now - 600.0, abs=30.0)


def test_slots_hold_every_record_of_their_time_once(tmp_path: Path) -> None:
    now = time.time()
    records = [make(at=now - 599.0 * part / 500) for part in range(500) for make in (call, comparison)]
    found = evidence(tmp_path, records).trend("stories", minutes=10, slots=7)
    assert sum(point.calls for point in found) == sum(point.matched for point in found) == 500
    assert max(point.calls for point in found) < 80


def test_counting_reads_an_index_and_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = evidence(tmp_path, [call(), comparison()])
    asked: list[str] = []

    @contextmanager
    def traced(path: Path) -> Iterator[sqlite3.Connection | None]:
        with reading(path) as connection:
            assert connection is not None
            connection.set_trace_callback(asked.append)
            yield connection

    monkeypatch.setattr(module, "reading", traced)
    found.trend("stories", slots=2)
    found.window("stories", stage="live", since=1.0)
    counts = [text for text in asked if "json_group_array" in text]
    assert len(counts) == 6
    with reading(tmp_path / "migration.sqlite3") as connection:
        assert connection is not None
        for text in counts:
            plan = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {text}")]
            assert any(re.search(r"SEARCH \w+ USING COVERING INDEX \w+_over_time", step) for step in plan), plan


def test_kept_requests_are_listed_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    recorder = Recorder(path, 100, requests=10)
    for number, domain in enumerate(("stories", "search", "stories")):
        recorder.record(call(domain=domain, request=Question(text=str(number)), at=time.time()))
    recorder.close()
    found = Evidence(path)
    assert [(item.id, item.domain, item.operation, item.request) for item in found.requests("stories", 5)] == [
        (3, "stories", "list", {"text": "2"}),
        (1, "stories", "list", {"text": "0"}),
    ]
    assert [item.id for item in found.requests(None, 2)] == [3, 2]


# Files that are missing, foreign, broken, or being written


def ask_everything(found: Evidence) -> list[Any]:
    return [
        found.window("stories").calls,
        found.comparisons(),
        found.comparison(1),
        found.last_fallback("stories"),
        found.requests(None, 5),
        sum(point.calls for point in found.trend("stories")),
    ]


NOTHING = [0, [], None, None, [], 0]


def test_a_missing_file_holds_nothing_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "records.sqlite3"
    assert ask_everything(Evidence(path)) == NOTHING
    assert not path.parent.exists()


def test_a_file_without_these_tables_holds_nothing_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "records 100%.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE flag_changes (id INTEGER)")
    before = path.read_bytes()
    assert ask_everything(Evidence(path)) == NOTHING
    assert path.read_bytes() == before


@pytest.mark.parametrize("broken", ["text", "folder", "garbled", "cut"])
def test_a_broken_file_is_an_error_that_names_it(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "records.sqlite3"
    if broken == "folder":
        path.mkdir()
    elif broken == "text":
        path.write_text("no database at all, " * 100)
    else:
        with closing(opened(path)) as connection:
            for _ in range(200):
                connection.execute(
                    "INSERT INTO calls (at, domain, operation, stage, origin, reason, fell_back, failed, latency_ms,"
                    " cold_start) VALUES (1, 'stories', 'list', 'live', 'lambda', ?, 0, 0, 1, 0)",
                    ("x" * 500,),
                )
            connection.execute("PRAGMA journal_mode=DELETE")
        content = path.read_bytes()
        path.write_bytes(content[:30_000] if broken == "cut" else content[:4096] + b"\xff" * (len(content) - 4096))
    with pytest.raises(EvidenceError) as raised:
        Evidence(path).window("stories")
    assert str(path) in str(raised.value)


def test_a_row_that_holds_no_json_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    found = evidence(tmp_path, [comparison(outcome="mismatch")])
    with closing(sqlite3.connect(tmp_path / "migration.sqlite3")) as connection, connection:
        connection.execute("UPDATE comparisons SET request = '{'")
    with pytest.raises(EvidenceError, match=r"migration\.sqlite3"):
        found.comparisons()


def test_readers_and_writers_do_not_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite3"
    found, stop, seen = Evidence(path), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            seen.append(found.window("stories").calls)

    with recording(path) as recorder:
        recorder.record(call())
        assert recorder.flush()
        reader = threading.Thread(target=read)
        reader.start()
        try:
            for _ in range(20):
                for _ in range(20):
                    recorder.record(call())
                assert recorder.flush()
        finally:
            stop.set()
            reader.join(10)
        assert recorder.lost == 0
    assert seen == sorted(seen)
    assert found.window("stories").calls == 401


def test_an_unfinished_write_is_invisible_and_blocks_no_reader(tmp_path: Path) -> None:
    found = evidence(tmp_path, [call()])
    with closing(sqlite3.connect(tmp_path / "migration.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM calls")
        assert found.window("stories").calls == 1
        other.execute("ROLLBACK")


def test_a_status_can_be_written_as_json(tmp_path: Path) -> None:
    assert json.loads(json.dumps(dict(evidence(tmp_path, [comparison()]).window("stories").outcomes))) == {"match": 1}
